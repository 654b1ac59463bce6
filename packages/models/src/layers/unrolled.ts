import {
  type Expr,
  type ExprTree,
  exprLeaves,
  type Scanned,
  type Step,
  sliceInDim,
  squeeze,
  stack,
  withLeaves,
} from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

const elementAt = <X extends ExprTree>(stacked: X, i: number): X =>
  // `map` keeps the structure; the type system cannot follow a record built key by key.
  map<Expr, Expr>(stacked as Tree<Expr>, (leaf) => squeeze(sliceInDim(leaf, i, i + 1, 0), 0)) as X;

const stackAll = <Y extends ExprTree>(first: Y, ys: readonly Y[]): Y => {
  const rows = ys.map(exprLeaves);
  const stacked = exprLeaves(first).map((_, leaf) => stack(rows.flatMap((row) => row[leaf] ?? [])));
  return withLeaves(first, stacked) as unknown as Y;
};

/**
 * `scan` over a number of steps, at least one, written out one after another: a program that grows with their number, and
 * whose derivative computes nothing again.
 *
 * @law equal to `scan`, in values and gradients.
 */
export const unrolled = <C extends ExprTree, X extends ExprTree, Y extends ExprTree>(
  step: (carry: C, x: X) => Step<C, Y>,
  init: C,
  xs: X,
  length: number,
): Scanned<C, Y> => {
  const first = step(init, elementAt(xs, 0));
  let carry = first.carry;
  const ys = [first.y];
  for (let i = 1; i < length; i++) {
    const next = step(carry, elementAt(xs, i));
    carry = next.carry;
    ys.push(next.y);
  }
  return { carry, ys: stackAll(first.y, ys) };
};
