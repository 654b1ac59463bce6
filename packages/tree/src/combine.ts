import * as E from 'fp-ts/lib/Either.js';
import type { TreeError } from './error.js';
import { child, type Entry, fromPairs, isNode, joinPath, sortedKeys, type Tree, type TreeNode } from './tree.js';

const describe = (tree: Tree<unknown>): string =>
  isNode(tree) ? `the keys {${sortedKeys(tree).join(', ')}}` : 'a leaf';

/**
 * Combines two trees of the same structure leaf by leaf.
 *
 * @errors `StructureMismatch` at the first path, in key order, where one side has other keys or a leaf against a node.
 * @law `zipWith(t, t, (a, b) => f(a, b))` equals `right(map(t, a => f(a, a)))`.
 */
export const zipWith = <A, B, C>(
  left: Tree<A>,
  right: Tree<B>,
  f: (left: A, right: B, path: string) => C,
): E.Either<TreeError, Tree<C>> => zipFrom(left, right, '', f);

const zipFrom = <A, B, C>(
  left: Tree<A>,
  right: Tree<B>,
  path: string,
  f: (left: A, right: B, path: string) => C,
): E.Either<TreeError, Tree<C>> => {
  if (!isNode(left) && !isNode(right)) return E.right(f(left, right, path));
  const mismatch = (): E.Either<TreeError, never> =>
    E.left({ _tag: 'StructureMismatch', path, left: describe(left), right: describe(right) });
  if (!isNode(left) || !isNode(right)) return mismatch();
  const keys = sortedKeys(left);
  if (keys.join('\u0000') !== sortedKeys(right).join('\u0000')) return mismatch();
  const pairs: (readonly [string, Tree<C>])[] = [];
  for (const key of keys) {
    const zipped = zipFrom(child(left, key), child(right, key), joinPath(path, key), f);
    if (E.isLeft(zipped)) return zipped;
    pairs.push([key, zipped.right]);
  }
  return E.right(fromPairs(pairs));
};

/**
 * Applies a function that may fail to every leaf, in key order; the first failure is the result.
 *
 * @law `traverse(t, E.right)` equals `right(t)`.
 */
export const traverse = <L, A, B>(tree: Tree<A>, f: (leaf: A, path: string) => E.Either<L, B>): E.Either<L, Tree<B>> =>
  traverseFrom(tree, '', f);

const traverseFrom = <L, A, B>(
  tree: Tree<A>,
  path: string,
  f: (leaf: A, path: string) => E.Either<L, B>,
): E.Either<L, Tree<B>> => {
  if (!isNode(tree)) return f(tree, path);
  const pairs: (readonly [string, Tree<B>])[] = [];
  for (const key of sortedKeys(tree)) {
    const result = traverseFrom(child(tree, key), joinPath(path, key), f);
    if (E.isLeft(result)) return result;
    pairs.push([key, result.right]);
  }
  return E.right(fromPairs(pairs));
};

/**
 * The tree with the given leaves at the given paths; a single entry with the path `''` is a bare leaf.
 *
 * @errors `DuplicatePath` when a path occurs twice; `LeafIsNode` when a path is a prefix of another.
 */
export const unflatten = <A>(entries: ReadonlyArray<Entry<A>>): E.Either<TreeError, Tree<A>> => {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only.path === '') return E.right(only.leaf);
  return unflattenNode(
    entries.map(({ path, leaf }) => ({ keys: path.split('/'), leaf })),
    '',
  );
};

type Pending<A> = {
  readonly keys: readonly string[];
  readonly leaf: A;
};

const unflattenNode = <A>(pending: ReadonlyArray<Pending<A>>, path: string): E.Either<TreeError, TreeNode<A>> => {
  const groups = new Map<string, Pending<A>[]>();
  for (const { keys, leaf } of pending) {
    const [head = '', ...rest] = keys;
    const group = groups.get(head) ?? [];
    group.push({ keys: rest, leaf });
    groups.set(head, group);
  }
  const pairs: (readonly [string, Tree<A>])[] = [];
  for (const [key, group] of groups) {
    const result = unflattenGroup(group, joinPath(path, key));
    if (E.isLeft(result)) return result;
    pairs.push([key, result.right]);
  }
  return E.right(fromPairs(pairs));
};

const unflattenGroup = <A>(group: ReadonlyArray<Pending<A>>, path: string): E.Either<TreeError, Tree<A>> => {
  const bare = group.filter(({ keys }) => keys.length === 0);
  const [first] = bare;
  if (first === undefined) return unflattenNode(group, path);
  if (bare.length > 1) return E.left({ _tag: 'DuplicatePath', path });
  return group.length > 1 ? E.left({ _tag: 'LeafIsNode', path }) : E.right(first.leaf);
};
