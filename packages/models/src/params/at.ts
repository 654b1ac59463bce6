import { type Expr, refused } from '@torsor/tensor';
import { isNode, type Tree } from '@torsor/tree';

/** The parameters of a model, or of a part of it, as expressions. */
export type Params = Tree<Expr>;

/** The part of a tree below a path; an empty node where there is none. */
export const paramsBelow = (params: Params, path: string): Params => {
  let at: Params = params;
  for (const key of path.split('/')) at = isNode(at) ? (at[key] ?? {}) : {};
  return at;
};

/**
 * The parameter at a path.
 *
 * @errors an invalid expression that names the path when there is none.
 */
export const paramAt = (params: Params, path: string): Expr => {
  const at = paramsBelow(params, path);
  return isNode(at) ? refused('paramAt', [], `the parameters have no '${path}'`) : at;
};
