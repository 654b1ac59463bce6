import { leaves, map, type Tree } from '@torsor/tree';
import { type Expr, Invalid, isValid, type TensorExpr } from './expr.js';
import type { TensorType } from './type.js';

/** A tree of expressions. */
export type ExprTree = Tree<Expr>;

/** The tree of expressions of the structure of a tree of types. */
export type ExprsOf<T> = T extends TensorType ? Expr : { readonly [K in keyof T]: ExprsOf<T[K]> };

/** The tree of values, or of anything else, of the structure of a tree of expressions or types. */
export type LeavesOf<T, A> = T extends Expr | TensorType ? A : { readonly [K in keyof T]: LeavesOf<T[K], A> };

/** A tree with its leaves replaced in key order; the caller has as many as there are leaves. */
export const withLeaves = <T extends Tree<unknown>, A>(tree: T, replacements: readonly A[]): LeavesOf<T, A> => {
  let next = 0;
  // The structure is preserved by `map`; the type system cannot follow a record built key by key.
  return map(tree as Tree<unknown>, () => replacements[next++] as A) as LeavesOf<T, A>;
};

/** The expressions of a tree in key order. */
export const exprLeaves = (tree: ExprTree): readonly Expr[] => leaves(tree);

/** The first invalid expression, if any. */
export const firstInvalid = (exprs: readonly Expr[]): Invalid | undefined =>
  exprs.find((expr): expr is Invalid => expr instanceof Invalid);

/** The valid expressions among some. */
export const validOnly = (exprs: readonly Expr[]): readonly TensorExpr[] => exprs.filter(isValid);
