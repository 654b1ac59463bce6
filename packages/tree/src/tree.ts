/**
 * A nested record whose nodes are plain objects and whose leaves are everything else: numbers, strings, arrays,
 * typed arrays and class instances.
 *
 * Keys are visited in code-unit order, so that two trees with the same paths flatten alike however they were written.
 */
export type Tree<A> = A | { readonly [key: string]: Tree<A> };

/** The inner nodes of a {@link Tree}. */
export type TreeNode<A> = { readonly [key: string]: Tree<A> };

/** A leaf with its path: the keys from the root joined by `/`; the path of a bare leaf is `''`. */
export type Entry<A> = {
  readonly path: string;
  readonly leaf: A;
};

/** Whether a value is an inner node: an object whose prototype is `Object.prototype` or `null`. */
export const isNode = <A>(tree: Tree<A>): tree is TreeNode<A> => {
  if (typeof tree !== 'object' || tree === null) return false;
  const prototype: unknown = Object.getPrototypeOf(tree);
  return prototype === Object.prototype || prototype === null;
};

/** The keys of a node in the order in which every function of this package visits them. */
export const sortedKeys = (node: TreeNode<unknown>): readonly string[] => Object.keys(node).sort();

/** The path of a child: the parent's path and the key joined by `/`. */
export const joinPath = (parent: string, key: string): string => (parent === '' ? key : `${parent}/${key}`);

/**
 * A tree of the same structure with `f` applied to every leaf.
 *
 * @law `map(tree, a => a)` equals `tree`; `map(map(t, f), g)` equals `map(t, a => g(f(a)))`.
 */
export const map = <A, B>(tree: Tree<A>, f: (leaf: A, path: string) => B): Tree<B> => mapFrom(tree, '', f);

const mapFrom = <A, B>(tree: Tree<A>, path: string, f: (leaf: A, path: string) => B): Tree<B> =>
  isNode(tree)
    ? fromPairs(sortedKeys(tree).map((key) => [key, mapFrom(child(tree, key), joinPath(path, key), f)]))
    : f(tree, path);

/** The child of a node at one of its own keys. */
export const child = <A>(node: TreeNode<A>, key: string): Tree<A> => node[key] as Tree<A>;

/** A node from its pairs; `__proto__` is an ordinary key. */
export const fromPairs = <A>(pairs: ReadonlyArray<readonly [string, Tree<A>]>): TreeNode<A> =>
  Object.fromEntries(pairs);

/**
 * All leaves with their paths, in key order.
 *
 * @law `unflatten(flatten(tree))` is `right(tree)` for trees without empty nodes and without `/` in keys.
 */
export const flatten = <A>(tree: Tree<A>): ReadonlyArray<Entry<A>> => {
  const entries: Entry<A>[] = [];
  map(tree, (leaf, path) => {
    entries.push({ path, leaf });
  });
  return entries;
};

/** The leaves in key order. */
export const leaves = <A>(tree: Tree<A>): readonly A[] => flatten(tree).map(({ leaf }) => leaf);

/** The paths of the leaves in key order. */
export const paths = (tree: Tree<unknown>): readonly string[] => flatten(tree).map(({ path }) => path);

/** Combines the images of all leaves, in key order, starting from `empty`. */
export const foldMap = <A, B>(tree: Tree<A>, empty: B, f: (accumulated: B, leaf: A, path: string) => B): B =>
  flatten(tree).reduce((accumulated, { leaf, path }) => f(accumulated, leaf, path), empty);
