import { argmax, cumsum, type Expr, reduceMax, reduceMin, reduceSum, transpose } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { anything, between, given, integers, normals, wideIntegers } from '../source.js';
import { exact, sumOf } from '../tolerance.js';
import { floats, forEach, integerDTypes, move } from './dtypes.js';

const everyAxes: ReadonlyArray<readonly number[]> = [[0], [1], [2], [3], [0, 1], [1, 2], [0, 2, 3], [0, 1, 2, 3]];

const overAxes =
  (op: (x: Expr, axes: readonly number[]) => Expr) =>
  (x: Expr): Readonly<Record<string, Expr>> =>
    Object.fromEntries(everyAxes.map((axes) => [axes.join(','), op(x, axes)]));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const rows = given([nan, 1, 2, inf, 1, nan, -inf, inf, -1, -inf, -inf, -inf, -0, -0, -0, 3, 3, 3], 'f32', [6, 3]);

const extremum = (op: (x: Expr, axes: readonly number[]) => Expr): readonly Case[] => [
  ...forEach(floats, (dtype) =>
    example(`over any axes, ${dtype}`, exact, { x: normals([2, 3, 2, 4], dtype) }, ({ x }) => overAxes(op)(x)),
  ),
  ...forEach(integerDTypes, (dtype) =>
    example(`of integers, ${dtype}`, exact, { x: wideIntegers([3, 5], dtype) }, ({ x }) => op(x, [1])),
  ),
  example('of NaN and infinities', exact, { x: rows }, ({ x }) => ({ rows: op(x, [1]), columns: op(x, [0]) })),
  move('to nothing', [0, 3], (x) => op(x, [1])),
  move('of one', [1, 1, 3], (x) => op(x, [0, 1])),
  move('over 1000', [3, 1000], (x) => op(x, [1])),
  move('over the first of 1000', [1000, 3], (x) => op(x, [0])),
];

/** Reductions and running sums. */
export const reduceCases = {
  argmax: [
    ...forEach(floats, (dtype) =>
      example(`along any axis, ${dtype}`, exact, { x: normals([2, 3, 4], dtype) }, ({ x }) => ({
        first: argmax(x, 0),
        middle: argmax(x, 1),
        last: argmax(x),
      })),
    ),
    example('the first of equal ones', exact, { x: integers(0, 2, [8, 9], 'f32') }, ({ x }) => ({
      rows: argmax(x),
      columns: argmax(x, 0),
    })),
    example(
      'of infinities and zeros',
      exact,
      { x: given([-inf, -inf, inf, inf, -0, 0, 0, -0], 'f32', [4, 2]) },
      ({ x }) => argmax(x),
    ),
    example('NaN is the largest', exact, { x: given([1, nan, 3, nan, inf, nan, 0, 1, nan], 'f32', [3, 3]) }, ({ x }) =>
      argmax(x),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(`of integers, ${dtype}`, exact, { x: wideIntegers([3, 5], dtype) }, ({ x }) => argmax(x)),
    ),
    example(
      'of close large integers',
      exact,
      { x: given([16777216, 16777217, 16777216, -(2 ** 31)], 'i32') },
      ({ x }) => argmax(x),
    ),
    move('of one', [2, 1], (x) => argmax(x)),
    move('to nothing', [0, 2], (x) => argmax(x)),
    move('along a long axis', [2, 1000], (x) => argmax(x)),
  ],
  cumsum: [
    ...forEach(floats, (dtype) =>
      example(`forward, ${dtype}`, sumOf(4), { x: normals([3, 4, 2], dtype) }, ({ x }) => ({
        first: cumsum(x, 0),
        middle: cumsum(x, 1),
        last: cumsum(x, -1),
      })),
    ),
    ...forEach(floats, (dtype) =>
      example(`reverse, ${dtype}`, sumOf(4), { x: normals([3, 4, 2], dtype) }, ({ x }) => ({
        first: cumsum(x, 0, true),
        middle: cumsum(x, 1, true),
        last: cumsum(x, -1, true),
      })),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(`wraps, ${dtype}`, exact, { x: wideIntegers([3, 9], dtype) }, ({ x }) => ({
        on: cumsum(x, 1),
        back: cumsum(x, 1, true),
      })),
    ),
    example('after NaN and infinities', exact, { x: rows }, ({ x }) => ({
      on: cumsum(x, 0),
      back: cumsum(x, 0, true),
    })),
    example('of 1000', sumOf(1000), { x: normals([1000]) }, ({ x }) => cumsum(x, 0)),
    move('of nothing', [0, 3], (x) => cumsum(x, 0)),
    move('of rows of nothing', [3, 0], (x) => cumsum(x, 0)),
    move('of one', [2, 1], (x) => cumsum(x, 1, true)),
  ],
  reduce_max: extremum(reduceMax),
  reduce_min: extremum(reduceMin),
  reduce_sum: [
    ...forEach(floats, (dtype) =>
      example(`over any axes, ${dtype}`, sumOf(48), { x: normals([2, 3, 2, 4], dtype) }, ({ x }) =>
        overAxes(reduceSum)(x),
      ),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(`wraps, ${dtype}`, exact, { x: wideIntegers([3, 9], dtype) }, ({ x }) => ({
        rows: reduceSum(x, [1]),
        all: reduceSum(x),
      })),
    ),
    example('of NaN and infinities', exact, { x: rows }, ({ x }) => ({
      rows: reduceSum(x, [1]),
      columns: reduceSum(x, [0]),
    })),
    example('of nothing', exact, { x: anything([2, 0, 3], 'f32') }, ({ x }) => ({
      zeros: reduceSum(x, [1]),
      all: reduceSum(x),
    })),
    example('of 10000 positive numbers', sumOf(10000), { x: between(0, 1, [10000]) }, ({ x }) => reduceSum(x)),
    example('of many short rows', sumOf(3), { x: normals([500, 3]) }, ({ x }) => ({
      rows: reduceSum(x, [1]),
      columns: reduceSum(transpose(x), [1]),
    })),
    move('of one', [1, 3, 1], (x) => reduceSum(x, [0, 2])),
    example('five axes', sumOf(24), { x: normals([2, 3, 2, 3, 2]) }, ({ x }) => ({
      outer: reduceSum(x, [0, 2, 4]),
      inner: reduceSum(x, [1, 3]),
    })),
  ],
} as const;
