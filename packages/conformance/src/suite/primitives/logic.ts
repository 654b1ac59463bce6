import {
  and,
  convert,
  type DType,
  div,
  dtypes,
  type Expr,
  eq,
  ge,
  gt,
  le,
  lt,
  mul,
  ne,
  not,
  or,
  select,
  where,
} from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { anything, between, bools, given, integers, wideIntegers } from '../source.js';
import { exact } from '../tolerance.js';
import { floats, forEach, integerDTypes, onEdgeShapes } from './dtypes.js';
import { paired, roundable } from './special.js';

const comparisons = (x: Expr, y: Expr): Readonly<Record<string, Expr>> => ({
  eq: eq(x, y),
  ne: ne(x, y),
  lt: lt(x, y),
  le: le(x, y),
  gt: gt(x, y),
  ge: ge(x, y),
});

const bitwise = (op: (x: Expr, y: Expr) => Expr): readonly Case[] => [
  example('of bools', exact, { x: bools([4, 5]), y: bools([5]) }, ({ x, y }) => op(x, y)),
  example('of bools, outer', exact, { x: bools([4, 1]), y: bools([3]) }, ({ x, y }) => op(x, y)),
  ...forEach(integerDTypes, (dtype) =>
    example(`bits, ${dtype}`, exact, { x: wideIntegers([4, 5], dtype), y: wideIntegers([5], dtype) }, ({ x, y }) =>
      op(x, y),
    ),
  ),
  onEdgeShapes(exact, bools, (x) => op(x, not(x))),
];

const conversions = (from: DType, numbers: readonly number[]): Case =>
  example(`${from} to every other dtype tfjs knows`, exact, { x: given(numbers, from) }, ({ x }) => ({
    f32: convert(x, 'f32'),
    i32: convert(x, 'i32'),
    bool: convert(x, 'bool'),
  }));

const between2 = { from: [1, 0.1, -2.7, 65504, 70000, 1e-7, 3.3895e38], integers: [0, 1, 200, 257, 65537, 16777217] };

/** Comparison, logic, selection and conversion. */
export const logicCases = {
  and: bitwise(and),
  compare: [
    ...forEach(floats, (dtype) =>
      example(
        `of NaN, infinities and zeros, ${dtype}`,
        exact,
        { x: given(paired, dtype, [paired.length, 1]), y: given(paired, dtype) },
        ({ x, y }) => comparisons(x, y),
      ),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(
        `of integers, ${dtype}`,
        exact,
        { x: wideIntegers([4, 5], dtype), y: wideIntegers([5], dtype) },
        ({ x, y }) => comparisons(x, y),
      ),
    ),
    example(
      'of close large integers',
      exact,
      { x: given([16777217, -16777217], 'i32'), y: given([16777216, -16777216], 'i32') },
      ({ x, y }) => comparisons(x, y),
    ),
    example('of bools', exact, { x: bools([4, 1]), y: bools([3]) }, ({ x, y }) => comparisons(x, y)),
    onEdgeShapes(
      exact,
      (shape) => between(-1, 1, shape),
      (x) => lt(x, 0),
    ),
  ],
  convert: [
    conversions('f32', [...paired, ...roundable, 3e9, -3e9, 2147483520, -2147483904]),
    conversions('i32', [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 16777217]),
    conversions('bool', [0, 1]),
    example('to integers and back', exact, { x: given([-0.5, -0, 0.5, -1.5]) }, ({ x }) =>
      convert(convert(x, 'i32'), 'f32'),
    ),
    ...forEach(floats, (from) =>
      example(`${from} to the real dtypes`, exact, { x: given(between2.from, from) }, ({ x }) =>
        Object.fromEntries(floats.map((to) => [to, convert(x, to)])),
      ),
    ),
    ...forEach(integerDTypes, (from) =>
      example(`${from} to the real dtypes`, exact, { x: given(between2.integers, from) }, ({ x }) =>
        Object.fromEntries(floats.map((to) => [to, convert(x, to)])),
      ),
    ),
    example('to u32', exact, { x: given([...paired, ...roundable, 5e9]), y: given([-1, 7], 'i32') }, ({ x, y }) => ({
      saturates: convert(x, 'u32'),
      keepsBits: convert(y, 'u32'),
    })),
    example('from u32', exact, { x: given([0, 1, 2 ** 31, 2 ** 32 - 1], 'u32') }, ({ x }) => ({
      i32: convert(x, 'i32'),
      bool: convert(x, 'bool'),
    })),
    onEdgeShapes(
      exact,
      (shape) => between(-9, 9, shape),
      (x) => convert(x, 'i32'),
    ),
  ],
  not: [
    example('of bools', exact, { x: bools([7]) }, ({ x }) => not(x)),
    ...forEach(integerDTypes, (dtype) =>
      example(`bits, ${dtype}`, exact, { x: wideIntegers([5], dtype) }, ({ x }) => not(x)),
    ),
    onEdgeShapes(exact, bools, not),
  ],
  or: bitwise(or),
  select: [
    ...forEach(dtypes, (dtype) =>
      example(
        dtype,
        exact,
        { p: bools([3, 4]), x: anything([3, 4], dtype), y: anything([3, 4], dtype) },
        ({ p, x, y }) => select(p, x, y),
      ),
    ),
    example(
      'lets no NaN through',
      exact,
      { x: given([-1, 0, 1, 4]), inf: given([Number.POSITIVE_INFINITY]) },
      ({ x, inf }) => ({
        quotient: where(eq(x, 0), 7, div(1, x)),
        infinity: where(gt(x, 0), mul(inf, 0), x),
        chosen: where(gt(x, 0), x, mul(inf, 0)),
      }),
    ),
    example('keeps signs of zeros', exact, { p: bools([6]), x: given([-0]), y: given([0]) }, ({ p, x, y }) =>
      where(p, x, y),
    ),
    example('broadcast', exact, { p: bools([3, 1]), x: integers(-9, 9, [4], 'f32'), y: given([7]) }, ({ p, x, y }) =>
      where(p, x, y),
    ),
    onEdgeShapes(
      exact,
      (shape) => between(-1, 1, shape),
      (x) => select(gt(x, 0), x, mul(x, 2)),
    ),
  ],
} as const;
