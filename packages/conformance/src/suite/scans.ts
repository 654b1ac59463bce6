import {
  add,
  constant,
  convert,
  type Expr,
  gt,
  matmul,
  mul,
  neg,
  reduceSum,
  reshape,
  type Scanned,
  scan,
  select,
  sub,
  tanh,
} from '@torsor/tensor';
import { type Case, example } from './case.js';
import { between, bools, given, integers, normals, wideIntegers } from './source.js';
import { composite, exact, sumOf } from './tolerance.js';

const none: Readonly<Record<string, Expr>> = {};

/** A small recurrent network: `c ← tanh(W c + x)`, stacking both the state and its sum. */
export const recurrent = (
  c: Expr,
  x: Expr,
  w: Expr,
  reverse = false,
): Scanned<Expr, { readonly state: Expr; readonly sum: Expr }> =>
  scan(
    (carry: Expr, element: Expr) => {
      const next = tanh(add(reshape(matmul(reshape(carry, [1, 3]), w), [3]), element));
      return { carry: next, y: { state: mul(next, 2), sum: reduceSum(next) } };
    },
    c,
    x,
    { reverse },
  );

const recurrence = { c: normals([3]), x: normals([4, 3]), w: between(-1, 1, [3, 3]) };

/** For each row a running sum of its elements, and of the rows' last sums. */
export const nested = (start: Expr, x: Expr, w: Expr): Scanned<Expr, Expr> =>
  scan(
    (total: Expr, row: Expr) => {
      const inner = scan((c: Expr, e: Expr) => ({ carry: add(mul(c, w), e), y: mul(c, e) }), total, row);
      return { carry: inner.carry, y: inner.ys };
    },
    start,
    x,
  );

/** Loops. */
export const scanCases: readonly Case[] = [
  example('forward', composite, recurrence, ({ c, x, w }) => ({ ...recurrent(c, x, w) })),
  example('reverse', composite, recurrence, ({ c, x, w }) => ({ ...recurrent(c, x, w, true) })),
  example('only the carry is used', composite, recurrence, ({ c, x, w }) => recurrent(c, x, w).carry),
  example('only what it stacks is used', composite, recurrence, ({ c, x, w }) => recurrent(c, x, w).ys.sum),
  example('length 1', composite, { ...recurrence, x: normals([1, 3]) }, ({ c, x, w }) => ({ ...recurrent(c, x, w) })),
  example('length 0', composite, { ...recurrence, x: normals([0, 3]) }, ({ c, x, w }) => ({ ...recurrent(c, x, w) })),
  example('length 100', composite, { ...recurrence, x: normals([100, 3]) }, ({ c, x, w }) => ({
    ...recurrent(c, x, w),
  })),
  example('without sequences', exact, { c: given([1, 2]) }, ({ c }) => ({
    ...scan((carry: Expr) => ({ carry: mul(carry, 2), y: carry }), c, none, { length: 5 }),
  })),
  example(
    'without anything stacked',
    exact,
    { c: given([1, 2]) },
    ({ c }) => scan((carry: Expr) => ({ carry: add(carry, 1), y: none }), c, none, { length: 5 }).carry,
  ),
  example(
    'without a carry',
    exact,
    { x: normals([4, 3]) },
    ({ x }) => scan((_: typeof none, element: Expr) => ({ carry: none, y: neg(element) }), none, x).ys,
  ),
  example('carries a counter', sumOf(4), { i: given([3], 'i32', []), x: normals([4]) }, ({ i, x }) => ({
    ...scan(
      (carry: { readonly n: Expr; readonly sum: Expr }, e: Expr) => ({
        carry: { n: add(carry.n, 1), sum: add(carry.sum, mul(e, convert(carry.n, 'f32'))) },
        y: carry.n,
      }),
      { n: i, sum: constant(0, 'f32') },
      x,
    ),
  })),
  example(
    'over integers and bools',
    exact,
    { c: wideIntegers([]), x: wideIntegers([5]), p: bools([5]) },
    ({ c, x, p }) => ({
      ...scan(
        (carry: Expr, { e, keep }: { readonly e: Expr; readonly keep: Expr }) => {
          const next = select(keep, add(mul(carry, 3), e), carry);
          return { carry: next, y: { next, large: gt(next, 0) } };
        },
        c,
        { e: x, keep: p },
      ),
    }),
  ),
  example('captured constants', sumOf(3), { c: normals([3]), x: normals([4, 3]), k: normals([1]) }, ({ c, x, k }) => ({
    ...scan((carry: Expr, e: Expr) => ({ carry: add(mul(carry, tanh(k)), e), y: sub(e, k) }), c, x),
  })),
  example(
    'stacks its carry, its element and a constant',
    exact,
    { c: given([1]), x: given([1, 2, 3], 'f32', [3, 1]) },
    ({ c, x }) => ({
      ...scan((carry: Expr, e: Expr) => ({ carry: add(carry, e), y: { carry, e, k: constant(7, 'f32', [2]) } }), c, x),
    }),
  ),
  example('a carry that stays', exact, { c: given([1]), x: given([1, 2, 3]) }, ({ c, x }) => ({
    ...scan((carry: Expr, e: Expr) => ({ carry, y: add(reshape(carry, []), e) }), c, x),
  })),
  example('two carries exchanged', exact, { a: given([1, 2]), b: given([3, 4]) }, ({ a, b }) => ({
    ...scan(
      (carry: { readonly a: Expr; readonly b: Expr }) => ({ carry: { a: carry.b, b: carry.a }, y: carry.a }),
      { a, b },
      none,
      { length: 3 },
    ),
  })),
  example('the same sequence twice', exact, { x: integers(-9, 9, [4], 'f32') }, ({ x }) => ({
    ...scan(
      (carry: Expr, { a, b }: { readonly a: Expr; readonly b: Expr }) => ({ carry: add(carry, a), y: mul(a, b) }),
      constant(0, 'f32'),
      { a: x, b: x },
    ),
  })),
  example(
    'nested',
    composite,
    { start: normals([]), x: normals([3, 4]), w: between(-1, 1, []) },
    ({ start, x, w }) => ({ ...nested(start, x, w) }),
  ),
];
