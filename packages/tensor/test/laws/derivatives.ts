import {
  add,
  type Expr,
  grad,
  isFloat,
  jvp,
  literal,
  mul,
  type RefTensor,
  reduceSum,
  sizeOf,
  vjp,
} from '../../src/index.js';
import { computeAll, cycled, expectNumbers, inner, numbers, valid } from './evaluating.js';

/** A function of tensors that may have several results. */
export type Multi = (...inputs: readonly Expr[]) => readonly Expr[];

/** Expressions by position, as the tree that the transformations of the language work on. */
type Numbered = { readonly [position: string]: Expr };

const isFloating = (x: Expr): boolean => isFloat(valid(x).type.dtype);

const key = (i: number): string => `x${i}`;

const numbered = (list: readonly Expr[]): Numbered =>
  Object.fromEntries(list.flatMap((x, i) => (isFloating(x) ? [[key(i), x]] : [])));

/** The function of its floating-point inputs alone, to its floating-point results. */
const ofFloats =
  (f: Multi, inputs: readonly Expr[]) =>
  (floats: Numbered): Numbered =>
    numbered(f(...inputs.map((x, i) => floats[key(i)] ?? x)));

/** The results weighted element by element and summed: a scalar whose derivative tells them apart. */
const weighted = (results: readonly Expr[], weights: readonly number[]): Expr => {
  const terms = results.filter(isFloating).map((y, k) => {
    const { dtype, shape } = valid(y).type;
    const list = Array.from({ length: sizeOf(shape) }, (_, i) => weights[(i + k) % weights.length] ?? 0);
    return reduceSum(mul(y, literal(list, dtype, shape)));
  });
  return terms.reduce((sum, term) => add(sum, term));
};

/** The gradient of the weighted sum of the results, one result per floating-point input. */
export const gradientOf =
  (f: Multi, weights: readonly number[]): Multi =>
  (...inputs) =>
    Object.values(
      grad((floats: Numbered) => weighted(f(...inputs.map((x, i) => floats[key(i)] ?? x)), weights))(numbered(inputs)),
    );

/** Large enough that rounding does not matter, small enough that the fifth derivative does not. */
const h = 3e-4;

/** The derivative at 0 by central differences over four points, exact for polynomials of degree 4. */
const centralDifference = (f: (x: number) => number): number =>
  (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);

const directionsFor = (at: readonly RefTensor[], list: readonly number[]): readonly RefTensor[] =>
  at
    .filter(({ type }) => isFloat(type.dtype))
    .map((x, k) => cycled([...list.slice(k % list.length), ...list.slice(0, k % list.length)], x));

const moved = (at: readonly RefTensor[], directions: readonly RefTensor[], by: number): readonly RefTensor[] => {
  let next = 0;
  return at.map((x) => {
    const direction = isFloat(x.type.dtype) ? directions[next++] : undefined;
    return direction === undefined
      ? x
      : { type: x.type, data: x.data.map((a, i) => a + by * (direction.data[i] ?? 0)) };
  });
};

/** Fails unless the gradient of the weighted results along a direction is the central difference. */
export const expectDerivative = (
  f: Multi,
  at: readonly RefTensor[],
  list: readonly number[],
  weights: readonly number[],
  tolerance = 1e-6,
): void => {
  const directions = directionsFor(at, list);
  const value = (by: number): number =>
    numbers(moved(at, directions, by), (...inputs) => weighted(f(...inputs), weights))[0] ?? Number.NaN;
  const gradient = computeAll(at, gradientOf(f, weights));
  const along = gradient.reduce((sum, g, i) => sum + inner(g.data, directions[i]?.data ?? []), 0);
  expectNumbers('derivative (expected: central difference)', [along], [centralDifference(value)], tolerance);
};

/** Fails unless the gradient of the gradient is the central difference of the gradient. */
export const expectSecondDerivative = (
  f: Multi,
  at: readonly RefTensor[],
  list: readonly number[],
  weights: readonly number[],
  tolerance = 1e-6,
): void => expectDerivative(gradientOf(f, weights), at, list, [...list, 1], tolerance);

/** Fails unless ⟨J v, u⟩ = ⟨v, Jᵀ u⟩: forward against reverse mode. */
export const expectAdjoint = (
  f: Multi,
  at: readonly RefTensor[],
  list: readonly number[],
  weights: readonly number[],
): void => {
  const directions = directionsFor(at, list);
  const outputs = computeAll(at, f).filter(({ type }) => isFloat(type.dtype));
  const given = [...at, ...directions, ...outputs.map((y) => cycled(weights, y))];
  const products = (...all: readonly Expr[]): readonly Expr[] => {
    const inputs = all.slice(0, at.length);
    const floats = numbered(inputs);
    const g = ofFloats(f, inputs);
    const named = (tree: Numbered, list: readonly Expr[]): Numbered =>
      Object.fromEntries(Object.keys(tree).map((name, i) => [name, list[i] ?? tree[name]])) as Numbered;
    const v = named(floats, all.slice(at.length, at.length + directions.length));
    const u = named(g(floats), all.slice(at.length + directions.length));
    const dot = (a: Numbered, b: Numbered): Expr =>
      Object.keys(a)
        .map((name) => reduceSum(mul(valid(a[name] as Expr), valid(b[name] as Expr))))
        .reduce((sum, term) => add(sum, term));
    return [dot(jvp(g, floats, v).tangents, u), dot(v, vjp(g, floats).pullback(u))];
  };
  const [forward, backward] = computeAll(given, products);
  expectNumbers('⟨J v, u⟩ (expected: ⟨v, Jᵀ u⟩)', forward?.data ?? [], backward?.data ?? [], 1e-9);
};
