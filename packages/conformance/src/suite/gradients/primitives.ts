import {
  abs,
  add,
  broadcastInDim,
  ceil,
  concatenate,
  convert,
  cos,
  cumsum,
  div,
  dotGeneral,
  dynamicSlice,
  dynamicUpdateSlice,
  exp,
  expm1,
  floor,
  gather,
  gt,
  isFinite,
  literal,
  log,
  log1p,
  logistic,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  type PrimitiveName,
  pad,
  pow,
  reduceMax,
  reduceMin,
  reduceSum,
  rem,
  reshape,
  roundNearestEven,
  rsqrt,
  scatterAdd,
  sign,
  sin,
  slice,
  sqrt,
  stopGradient,
  sub,
  tanh,
  transpose,
  where,
} from '@torsor/tensor';
import { gated } from '../blocks.js';
import type { Case } from '../case.js';
import { between, bools, given, integers, normals } from '../source.js';
import { elementwise, exact, sumOf } from '../tolerance.js';
import { slope, slopeBeside, slopes } from './gradient.js';
import { scanGradientCases } from './scans.js';

const rows = normals([3, 4]);
const positive = between(0.3, 3, [3, 4]);
const tied = given([1, 2, 2, 3, 3, 1, -1, -1, 3, 0, 0, 0], 'f32', [3, 4]);
const smaller = given([1, 2, 3, 3], 'f32', [4]);
const indices = given([1, 1, 4, -3, 1], 'i32');

/** Gradients of every primitive, total by type; a primitive with an integer or bool result has none. */
export const gradientCases: { readonly [N in PrimitiveName]: readonly Case[] } = {
  abs: [slope('of signs', tied, abs), slope('of numbers', rows, abs)],
  add: [slopes('rows', rows, normals([4]), add), slopes('outer', normals([3, 1]), normals([4]), add)],
  and: [],
  argmax: [],
  block: [
    slopes('operands', rows, normals([4, 4]), (x, w) => gated(x, w, reduceSum(sin(w), [0]))),
    slopeBeside('captured', normals([4, 4]), rows, (w, x) => gated(x, w, reduceSum(w, [0]))),
  ],
  broadcast_in_dim: [slope('two axes', normals([3, 1]), (x) => broadcastInDim(x, [2, 3, 4], [1, 2]))],
  ceil: [slope('is zero', rows, (x) => add(mul(ceil(x), x), x))],
  compare: [],
  concatenate: [slopes('and cut apart', rows, normals([3, 2]), (x, y) => concatenate([x, y, x], 1))],
  constant: [],
  convert: [
    slope('to integers is zero', rows, (x) => mul(convert(convert(x, 'i32'), 'f32'), x)),
    slope('through bf16', rows, (x) => convert(convert(x, 'bf16'), 'f32'), sumOf(1)),
    slope('from f64', normals([3], 'f64'), (x) => convert(mul(x, x), 'f32')),
  ],
  cos: [slope('of numbers', rows, cos)],
  cumsum: [slope('forward', rows, (x) => cumsum(x, 1)), slope('reverse', rows, (x) => cumsum(mul(x, x), 0, true))],
  div: [slopes('rows', rows, between(0.5, 2, [4]), div), slopes('of zero', given([0, 1]), given([2, 4]), div)],
  dot_general: [
    slopes('matrices', rows, normals([4, 5]), matmul),
    slopes('batch', normals([2, 3, 4]), normals([2, 4, 2]), matmul),
    slopes('over two axes', normals([2, 3, 4, 5]), normals([5, 2, 6, 4]), (x, y) =>
      dotGeneral(x, y, {
        contract: [
          [3, 2],
          [0, 3],
        ],
        batch: [[0], [1]],
      }),
    ),
    slope('of a square', normals([4, 4]), (x) => matmul(x, transpose(x))),
    slopes('over an empty axis', normals([3, 0]), normals([0, 2]), matmul),
  ],
  dynamic_slice: [
    slopeBeside('clamped', rows, given([9], 'i32', []), (x, i) => dynamicSlice(mul(x, x), [i, 1], [2, 2])),
  ],
  dynamic_update_slice: [
    slopes('both', rows, normals([2, 2]), (x, u) => dynamicUpdateSlice(mul(x, x), u, [1, -4])),
    slopeBeside('at a start', rows, given([7], 'i32', []), (x, i) =>
      dynamicUpdateSlice(x, slice(x, [0, 0], [1, 2]), [i, i]),
    ),
  ],
  exp: [slope('of numbers', rows, exp)],
  expm1: [slope('of numbers', rows, expm1)],
  floor: [slope('is zero', rows, (x) => add(mul(floor(x), x), x))],
  gather: [
    slopeBeside('repeated and clamped', normals([5, 3]), indices, (x, i) => gather(mul(x, x), i)),
    slopeBeside('in a batch', normals([2, 3, 5]), integers(-1, 5, [2, 4]), (x, i) => gather(mul(x, x), i, 2, 1)),
  ],
  iota: [],
  is_finite: [slope('chooses', rows, (x) => where(isFinite(div(1, sub(x, x))), x, mul(x, x)))],
  log: [slope('of numbers', positive, log)],
  log1p: [slope('of numbers', positive, log1p)],
  logistic: [slope('of numbers', rows, logistic), slope('far out', between(-90, 90, [9]), logistic)],
  maximum: [slopes('ties share', tied, smaller, maximum), slopes('of numbers', rows, normals([4]), maximum)],
  minimum: [slopes('ties share', tied, smaller, minimum), slopes('of numbers', rows, normals([4]), minimum)],
  mul: [slopes('rows', rows, normals([4]), mul), slope('of a square', rows, (x) => mul(x, x), elementwise)],
  neg: [slope('of numbers', rows, neg, exact)],
  not: [],
  or: [],
  pad: [slope('around', rows, (x) => mul(pad(x, [1, 0], [0, 2], 3), 2))],
  pow: [
    slopes('of numbers', positive, normals([4]), pow),
    slopes('at zero', given([0, 0, 1, 2]), given([2, 1, 0, 0]), pow),
  ],
  reduce_max: [slope('ties share', tied, (x) => reduceMax(x, [1])), slope('of everything', tied, (x) => reduceMax(x))],
  reduce_min: [slope('ties share', tied, (x) => reduceMin(x, [0])), slope('of everything', rows, (x) => reduceMin(x))],
  reduce_sum: [slope('of squares', normals([2, 3, 4]), (x) => reduceSum(mul(x, x), [0, 2]))],
  rem: [slopes('both', between(-7, 7, [3, 4]), given([2, -2, 0.7, 3]), rem)],
  reshape: [slope('of squares', rows, (x) => reshape(mul(x, x), [2, 6]))],
  round_nearest_even: [slope('is zero', rows, (x) => add(mul(roundNearestEven(x), x), x))],
  rsqrt: [slope('of numbers', positive, rsqrt)],
  scan: scanGradientCases,
  scatter_add: [
    slopes('both', normals([5, 3]), normals([2, 3]), (x, u) =>
      scatterAdd(mul(x, x), literal([1, 1], 'i32'), mul(u, u)),
    ),
    slopeBeside('in a batch', normals([2, 3, 5]), integers(-1, 5, [2, 4]), (x, i) =>
      scatterAdd(x, i, mul(gather(x, i, 2, 1), gather(x, i, 2, 1)), 2, 1),
    ),
  ],
  select: [
    slopeBeside('both branches', rows, bools([3, 4]), (x, p) => where(p, mul(x, x), sin(x))),
    slope('no NaN from the other branch', given([-1, 0, 1, 4]), (x) => where(gt(x, 0), sqrt(x), 0)),
  ],
  sign: [slope('is zero', tied, (x) => mul(sign(x), x))],
  sin: [slope('of numbers', rows, sin)],
  slice: [slope('strided', normals([4, 7]), (x) => slice(mul(x, x), [1, 0], [4, 6], [2, 3]))],
  sqrt: [slope('of numbers', positive, sqrt), slope('at zero', given([0, 1]), sqrt)],
  stop_gradient: [slope('is constant', rows, (x) => mul(stopGradient(x), x))],
  sub: [slopes('rows', rows, normals([4]), sub), slopes('columns', normals([3, 1]), rows, sub)],
  tanh: [slope('of numbers', rows, tanh), slope('far out', between(-20, 20, [9]), tanh)],
  transpose: [slope('of squares', normals([2, 3, 4]), (x) => transpose(mul(x, x), [2, 0, 1]))],
};
