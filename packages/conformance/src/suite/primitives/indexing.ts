import {
  dtypes,
  dynamicSlice,
  dynamicUpdateSlice,
  type Expr,
  gather,
  reshape,
  type Shape,
  scatterAdd,
  sliceInDim,
} from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { anything, given, integers, normals, wideIntegers } from '../source.js';
import { type Computation, exact, sumOf } from '../tolerance.js';
import { floats, forEach, integerDTypes } from './dtypes.js';

type Along = {
  readonly axis: number;
  readonly batchDims?: number;
};

const gathers = (name: string, shape: Shape, indices: Shape, { axis, batchDims = 0 }: Along): Case =>
  example(name, exact, { x: anything(shape, 'f32'), i: integers(-2, 6, indices) }, ({ x, i }) =>
    gather(x, i, axis, batchDims),
  );

const scatters = (name: string, shape: Shape, indices: Shape, { axis, batchDims = 0 }: Along): Case => {
  const updates = [...shape.slice(0, axis), ...indices.slice(batchDims), ...shape.slice(axis + 1)];
  return example(
    name,
    sumOf(8),
    { x: normals(shape), i: integers(-2, 6, indices), u: normals(updates) },
    ({ x, i, u }) => scatterAdd(x, i, u, axis, batchDims),
  );
};

/** Indices that repeat, and some beyond both ends. */
const overlapping = given([1, 1, 3, 1, -7, 0, 99, 4], 'i32');
const extremeIndices = given([-(2 ** 31), 2 ** 31 - 1, 0], 'i32');

const starts = [-5, 0, 1, 3, 99, 2 ** 31 - 1, -(2 ** 31)];

const atEveryStart = (
  name: string,
  computation: Computation,
  dtype: (typeof dtypes)[number],
  op: (x: Expr, start: Expr, update: Expr) => Expr,
): Case =>
  example(
    name,
    computation,
    { x: anything([4, 6], dtype), u: anything([2, 3], dtype), from: given(starts, 'i32') },
    ({ x, u, from }) =>
      Object.fromEntries(
        starts.map((start, i) => [`from ${start}`, op(x, reshape(sliceInDim(from, i, i + 1, 0), []), u)]),
      ),
  );

/** Reading and writing where integers say. */
export const indexingCases = {
  dynamic_slice: [
    ...forEach(dtypes, (dtype) =>
      atEveryStart(`clamped, ${dtype}`, exact, dtype, (x, start) => dynamicSlice(x, [start, 2], [2, 3])),
    ),
    atEveryStart('clamped on both axes', exact, 'f32', (x, start) => dynamicSlice(x, [start, start], [3, 3])),
    example('of everything', exact, { x: anything([2, 3], 'f32'), i: given([1], 'i32', []) }, ({ x, i }) =>
      dynamicSlice(x, [i, i], [2, 3]),
    ),
    example('of nothing', exact, { x: anything([2, 3], 'f32'), i: given([1], 'i32', []) }, ({ x, i }) =>
      dynamicSlice(x, [i, 0], [0, 3]),
    ),
    example('of a scalar', exact, { x: anything([], 'f32') }, ({ x }) => dynamicSlice(x, [], [])),
  ],
  dynamic_update_slice: [
    ...forEach(dtypes, (dtype) =>
      atEveryStart(`clamped, ${dtype}`, exact, dtype, (x, start, u) => dynamicUpdateSlice(x, u, [start, 2])),
    ),
    example(
      'of everything',
      exact,
      { x: anything([2, 3], 'f32'), u: anything([2, 3], 'f32'), i: given([1], 'i32', []) },
      ({ x, u, i }) => dynamicUpdateSlice(x, u, [i, i]),
    ),
    example(
      'by nothing',
      exact,
      { x: anything([2, 3], 'f32'), u: anything([0, 3], 'f32'), i: given([1], 'i32', []) },
      ({ x, u, i }) => dynamicUpdateSlice(x, u, [i, 0]),
    ),
    example(
      'leaves its operand as it was',
      exact,
      { x: anything([4], 'f32'), u: anything([2], 'f32'), i: given([1], 'i32', []) },
      ({ x, u, i }) => ({
        x,
        once: dynamicUpdateSlice(x, u, [i]),
        again: dynamicUpdateSlice(x, u, [0]),
      }),
    ),
  ],
  gather: [
    ...forEach(dtypes, (dtype) =>
      example(`rows, ${dtype}`, exact, { x: anything([5, 3], dtype), i: overlapping }, ({ x, i }) => gather(x, i)),
    ),
    gathers('an axis in the middle', [2, 5, 3], [2, 2], { axis: 1 }),
    gathers('the last axis', [2, 3, 5], [4], { axis: 2 }),
    gathers('one', [5, 3], [], { axis: 0 }),
    gathers('none', [5, 3], [0], { axis: 0 }),
    gathers('in a batch', [2, 5, 3], [2, 4], { axis: 1, batchDims: 1 }),
    gathers('in a batch, a later axis', [2, 3, 5], [2, 4], { axis: 2, batchDims: 1 }),
    gathers('in a batch of two axes', [2, 3, 5, 2], [2, 3, 4], { axis: 2, batchDims: 2 }),
    gathers('one for each of a batch', [2, 3, 5], [2, 3], { axis: 2, batchDims: 2 }),
    example('far outside', exact, { x: anything([5, 3], 'f32'), i: extremeIndices }, ({ x, i }) => gather(x, i)),
    example('by u32', exact, { x: anything([5], 'f32'), i: given([0, 4, 5, 2 ** 32 - 1], 'u32') }, ({ x, i }) =>
      gather(x, i),
    ),
    example(
      'no NaN from elements not taken',
      exact,
      { x: given([Number.NaN, 1, 2]), i: given([1, 2], 'i32') },
      ({ x, i }) => gather(x, i),
    ),
  ],
  scatter_add: [
    ...forEach(floats, (dtype) =>
      example(
        `repeated indices, ${dtype}`,
        sumOf(8),
        { x: normals([5, 3], dtype), i: overlapping, u: normals([8, 3], dtype) },
        ({ x, i, u }) => scatterAdd(x, i, u),
      ),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(
        `wraps, ${dtype}`,
        exact,
        { x: wideIntegers([5, 3], dtype), i: overlapping, u: wideIntegers([8, 3], dtype) },
        ({ x, i, u }) => scatterAdd(x, i, u),
      ),
    ),
    scatters('an axis in the middle', [2, 5, 3], [2, 2], { axis: 1 }),
    scatters('the last axis', [2, 3, 5], [4], { axis: 2 }),
    scatters('one', [5, 3], [], { axis: 0 }),
    scatters('none', [5, 3], [0], { axis: 0 }),
    scatters('in a batch', [2, 5, 3], [2, 4], { axis: 1, batchDims: 1 }),
    scatters('in a batch, a later axis', [2, 3, 5], [2, 4], { axis: 2, batchDims: 1 }),
    scatters('in a batch of two axes', [2, 3, 5, 2], [2, 3, 4], { axis: 2, batchDims: 2 }),
    example('far outside', sumOf(2), { x: normals([5, 3]), i: extremeIndices, u: normals([3, 3]) }, ({ x, i, u }) =>
      scatterAdd(x, i, u),
    ),
    example(
      'leaves its operand as it was',
      sumOf(2),
      { x: normals([4]), i: given([1, 1], 'i32'), u: normals([2]) },
      ({ x, i, u }) => ({
        x,
        sum: scatterAdd(x, i, u),
      }),
    ),
  ],
} as const;
