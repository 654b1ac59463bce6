import type { Tree } from '@torsor/tree';
import { flatten, isNode, showTreeError, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from './error.js';

const badNode = (tree: Tree<unknown>, path: string): CheckpointError | undefined => {
  if (!isNode(tree)) return undefined;
  const entries = Object.entries(tree);
  if (entries.length === 0) return { _tag: 'BadTree', path, reason: 'an empty node would vanish; leave it out' };
  for (const [key, child] of entries) {
    if (key === '' || key.includes('/'))
      return { _tag: 'BadTree', path, reason: `key '${key}' is empty or contains '/'` };
    const bad = badNode(child, path === '' ? key : `${path}/${key}`);
    if (bad !== undefined) return bad;
  }
  return undefined;
};

/**
 * A tree's leaves by flat name: the keys on the way joined by `/`, as openpi spells parameter paths.
 *
 * @errors `BadTree` for an empty node, an empty key, a key with `/`, or a bare leaf, none of which a flat name can give back.
 * @law `treeFromNames(flatNames(tree)) = tree`.
 */
export const flatNames = <A>(tree: Tree<A>): E.Either<CheckpointError, ReadonlyMap<string, A>> => {
  const bad = badNode(tree, '');
  if (bad !== undefined) return E.left(bad);
  return isNode(tree)
    ? E.right(new Map(flatten(tree).map(({ path, leaf }) => [path, leaf])))
    : E.left({ _tag: 'BadTree', path: '', reason: 'a single leaf; put it into a record' });
};

/**
 * The tree of a map from flat names.
 *
 * @errors `BadTree` when a name is both a leaf and the beginning of another name.
 */
export const treeFromNames = <A>(leaves: ReadonlyMap<string, A>): E.Either<CheckpointError, Tree<A>> => {
  const tree = unflatten([...leaves].map(([path, leaf]) => ({ path, leaf })));
  return E.isLeft(tree) ? E.left({ _tag: 'BadTree', path: '', reason: showTreeError(tree.left) }) : tree;
};
