import { type Expr, type ExprTree, sliceInDim, squeeze } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

/** What a layer gives, as a step of `scan`. */
type Layer<C extends ExprTree, X extends ExprTree> = (carry: C, x: X) => { readonly carry: C };

const layerAt = <X extends ExprTree>(stacked: X, i: number): X =>
  // `map` keeps the structure; the type system cannot follow a record built key by key.
  map<Expr, Expr>(stacked as Tree<Expr>, (leaf) => squeeze(sliceInDim(leaf, i, i + 1, 0), 0)) as X;

/**
 * The carry after a number of layers, written out one after another, where `scan` would loop.
 *
 * Inside a loop, such as that of the Euler steps, what belongs to a layer alone is then computed once, before the loop:
 * a `scan` within a scan slices every layer's weights anew at each step. The price is a program that grows with depth.
 *
 * @law the carry of `scan` over the same step.
 */
export const unrolled = <C extends ExprTree, X extends ExprTree>(
  layer: Layer<C, X>,
  init: C,
  stacked: X,
  depth: number,
): C => {
  let carry = init;
  for (let i = 0; i < depth; i++) carry = layer(carry, layerAt(stacked, i)).carry;
  return carry;
};
