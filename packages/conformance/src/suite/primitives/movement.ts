import {
  add,
  broadcastInDim,
  concatenate,
  cumsum,
  type Expr,
  pad,
  reduceSum,
  reshape,
  slice,
  transpose,
} from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { anything, given } from '../source.js';
import { exact } from '../tolerance.js';
import { move, moves } from './dtypes.js';
import { padInterior } from './interior.js';

const joined = (name: string, shapes: ReadonlyArray<readonly number[]>, axis: number): Case =>
  example(name, exact, Object.fromEntries(shapes.map((shape, i) => [`x${i}`, anything(shape, 'f32')])), (inputs) =>
    concatenate(Object.values(inputs), axis),
  );

const specials = given([Number.NaN, Number.NEGATIVE_INFINITY, -0, 0, Number.POSITIVE_INFINITY, 1], 'f32', [2, 3]);

const keepsSpecials = (op: (x: Expr) => Expr): Case =>
  example('keeps NaN, infinities and signs of zeros', exact, { x: specials }, ({ x }) => op(x));

/** Primitives that only move elements. */
export const movementCases = {
  broadcast_in_dim: [
    ...moves('new axes', [3, 1], (x) => broadcastInDim(x, [2, 3, 4], [1, 2])),
    move('a scalar', [], (x) => broadcastInDim(x, [2, 3], [])),
    move('to nothing', [1], (x) => broadcastInDim(x, [0, 1], [1])),
    move('of nothing', [0], (x) => broadcastInDim(x, [2, 0], [1])),
    move('inner axes of five', [2, 1, 3], (x) => broadcastInDim(x, [2, 2, 4, 3, 2], [0, 2, 3])),
    keepsSpecials((x) => broadcastInDim(x, [2, 2, 3], [0, 2])),
    move('and summed', [3, 1], (x) => reduceSum(broadcastInDim(x, [2, 3, 4], [1, 2]), [0, 2])),
    move('and cumulated', [3], (x) => cumsum(broadcastInDim(x, [3, 4], [0]), 1)),
    move('and reshaped', [3, 1], (x) => reshape(broadcastInDim(x, [2, 3, 4], [1, 2]), [6, 4])),
    move('and transposed', [3, 1], (x) => transpose(broadcastInDim(x, [2, 3, 4], [1, 2]), [2, 0, 1])),
    move('and sliced', [3, 1], (x) => slice(broadcastInDim(x, [2, 3, 4], [1, 2]), [0, 1, 1], [2, 3, 4], [1, 1, 2])),
  ],
  concatenate: [
    ...moves('with itself', [2, 3], (x) => concatenate([x, x], 1)),
    joined(
      'of different extents',
      [
        [2, 3],
        [2, 1],
        [2, 4],
      ],
      1,
    ),
    joined(
      'on the first axis',
      [
        [2, 3],
        [1, 3],
      ],
      0,
    ),
    joined(
      'in the middle of four axes',
      [
        [2, 3, 2, 2],
        [2, 1, 2, 2],
      ],
      1,
    ),
    joined(
      'with nothing',
      [
        [2, 0],
        [2, 3],
        [2, 0],
      ],
      1,
    ),
    joined(
      'of nothing',
      [
        [0, 3],
        [0, 2],
      ],
      1,
    ),
    joined('of one', [[2, 3]], 0),
    keepsSpecials((x) => concatenate([x, x], 0)),
  ],
  pad: [
    ...moves('around', [2, 3], (x) => pad(x, [1, 0], [0, 2], 1)),
    ...moves('interior', [2, 3], (x) => padInterior(x, { low: [1, 0], high: [0, 2], interior: [2, 1], value: 0 })),
    move('nothing', [0, 2], (x) => padInterior(x, { low: [1, 0], high: [2, 0], interior: [3, 1], value: 4 })),
    move('nothing added', [2, 2], (x) => add(pad(x, [0, 0], [0, 0]), x)),
    move('a scalar', [], (x) => pad(x, [], [])),
    move('four axes', [2, 1, 2, 3], (x) =>
      padInterior(x, { low: [0, 1, 0, 2], high: [1, 0, 0, 1], interior: [1, 0, 2, 0], value: -3 }),
    ),
    move('with NaN', [2], (x) => pad(x, [1], [1], Number.NaN)),
    move('with −∞', [2], (x) => pad(x, [1], [1], Number.NEGATIVE_INFINITY)),
    keepsSpecials((x) => padInterior(x, { low: [0, 1], high: [1, 0], interior: [1, 1], value: -0 })),
  ],
  reshape: [
    ...moves('of rank', [2, 6], (x) => reshape(x, [3, 2, 2])),
    move('to a scalar', [1, 1], (x) => reshape(x, [])),
    move('of a scalar', [], (x) => reshape(x, [1, 1, 1])),
    move('of nothing', [0, 3], (x) => reshape(x, [2, 0, 5])),
    move('of a transposed', [2, 3, 4], (x) => reshape(transpose(x, [2, 0, 1]), [8, 3])),
    keepsSpecials((x) => reshape(x, [6])),
  ],
  slice: [
    ...moves('strided', [4, 7], (x) => slice(x, [1, 0], [4, 6], [2, 3])),
    move('everything', [3, 2], (x) => add(slice(x, [0, 0], [3, 2]), x)),
    move('nothing', [3, 2], (x) => slice(x, [1, 1], [1, 2])),
    move('a scalar', [], (x) => slice(x, [], [])),
    move('the last element', [5], (x) => slice(x, [4], [5])),
    move('a stride beyond the end', [5], (x) => slice(x, [1], [5], [9])),
    move('five axes', [2, 3, 2, 3, 2], (x) => slice(x, [0, 1, 0, 0, 1], [2, 3, 2, 3, 2], [1, 1, 2, 2, 1])),
    move('of a transposed', [3, 4], (x) => slice(transpose(x), [1, 0], [4, 3], [2, 1])),
    keepsSpecials((x) => slice(x, [0, 0], [2, 3], [1, 2])),
  ],
  transpose: [
    ...moves('three axes', [2, 3, 4], (x) => transpose(x, [2, 0, 1])),
    move('two axes', [3, 5], transpose),
    move('four axes', [2, 3, 4, 2], (x) => transpose(x, [0, 2, 1, 3])),
    move('five axes', [2, 3, 1, 2, 4], (x) => transpose(x, [4, 2, 0, 3, 1])),
    move('axes of extent 1', [2, 1, 4], (x) => transpose(x, [1, 0, 2])),
    move('nothing', [0, 3], transpose),
    move('of a sum', [2, 3, 4], (x) => transpose(add(x, transpose(transpose(x, [2, 1, 0]), [2, 1, 0])), [1, 2, 0])),
    keepsSpecials(transpose),
  ],
} as const;
