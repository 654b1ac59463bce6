import { type Expr, grad, literal, mul, range, reduceSum, sizeOf, withType } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import type { Source } from '../source.js';
import { type Computation, composite } from '../tolerance.js';

/** Weights that differ from element to element, so that cotangents differ. */
const weighted = (x: Expr): Expr =>
  withType(x, ({ dtype, shape }) => {
    const weights = range(sizeOf(shape)).map((i) => 1 - ((i * 3) % 7) / 4);
    return reduceSum(weights.length === 0 ? x : mul(x, literal(weights, dtype, shape)));
  });

/** The gradient of a weighted sum of the elements of a function of one expression. */
export const slope = (name: string, x: Source, f: (x: Expr) => Expr, computation: Computation = composite): Case =>
  example(name, computation, { x }, (given) => grad((at: Expr) => weighted(f(at)))(given.x));

/** The gradient of a weighted sum of the elements of a function of two expressions. */
export const slopes = (
  name: string,
  x: Source,
  y: Source,
  f: (x: Expr, y: Expr) => Expr,
  computation: Computation = composite,
): Case =>
  example(name, computation, { x, y }, (given) =>
    grad((at: { readonly x: Expr; readonly y: Expr }) => weighted(f(at.x, at.y)))(given),
  );

/** The gradient by the first of two expressions only; the second may be of any dtype. */
export const slopeBeside = (
  name: string,
  x: Source,
  other: Source,
  f: (x: Expr, other: Expr) => Expr,
  computation: Computation = composite,
): Case =>
  example(name, computation, { x, other }, (given) => grad((at: Expr) => weighted(f(at, given.other)))(given.x));
