import { type Expr, type ExprTree, type Invalid, isValid, refused } from '@torsor/tensor';
import { map, showTreeError, zipWith } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

/** A tree of the same structure; the type system cannot follow `map`. */
export const mapLeaves = <P extends ExprTree>(tree: P, f: (leaf: Expr, path: string) => Expr): P =>
  map<Expr, Expr>(tree, f) as P;

/** Every leaf replaced by one refusal. */
export const refuseLeaves = <P extends ExprTree>(tree: P, name: string, reason: string): P => {
  const invalid: Invalid = refused(name, [], reason);
  return mapLeaves(tree, (leaf) => (isValid(leaf) ? invalid : leaf));
};

/** Two trees of one structure combined; of different structures, every leaf of the first is refused. */
export const zipLeaves = <P extends ExprTree>(
  name: string,
  tree: P,
  other: ExprTree,
  f: (leaf: Expr, other: Expr) => Expr,
): P => {
  const zipped = zipWith<Expr, Expr, Expr>(tree, other, f);
  return E.isRight(zipped) ? (zipped.right as P) : refuseLeaves(tree, name, showTreeError(zipped.left));
};
