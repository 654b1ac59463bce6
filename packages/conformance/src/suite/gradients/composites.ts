import {
  clip,
  type Expr,
  einsum,
  gelu,
  grad,
  layerNorm,
  logSoftmax,
  logSumExp,
  mean,
  mul,
  reduceSum,
  relu,
  rmsNorm,
  silu,
  sin,
  softmax,
  split,
  stack,
  takeAlongLast,
  tanh,
  variance,
} from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { between, given, integers, normals } from '../source.js';
import { anyProgram, composite } from '../tolerance.js';
import { slope, slopeBeside, slopes } from './gradient.js';

const rows = normals([3, 8]);
const masked = given([1, Number.NEGATIVE_INFINITY, 2, 0.5], 'f32', [2, 2]);

/** Gradients of the composites, and gradients of gradients. */
export const compositeGradientCases: readonly Case[] = [
  slope('softmax', rows, (x) => softmax(x)),
  slope('softmax of masked scores', masked, (x) => softmax(x)),
  slope('logSoftmax', rows, (x) => logSoftmax(x)),
  slope('logSumExp', rows, (x) => logSumExp(x)),
  slope('logSumExp of large numbers', between(-300, 300, [3, 8]), (x) => logSumExp(x)),
  slope('gelu', between(-5, 5, [3, 8]), gelu, anyProgram),
  slope('silu', between(-9, 9, [3, 8]), silu),
  slope('relu', given([-1, 0, 2]), relu),
  slope('clip', given([-2, -1, 0, 1, 3]), (x) => clip(x, -1, 1)),
  slope('mean', rows, (x) => mean(mul(x, x), [1])),
  slope('variance', rows, (x) => variance(x, [0])),
  slopes('rmsNorm', rows, normals([8]), rmsNorm),
  slopes('layerNorm', rows, normals([8]), (x, scale) => layerNorm(x, scale, sin(scale))),
  slopes('einsum', normals([2, 3, 2, 2, 4]), normals([2, 5, 2, 4]), (x, y) => einsum('btkgh,bskh->bkgts', [x, y])),
  slopeBeside('takeAlongLast', rows, integers(-1, 8, [3]), (x, i) => takeAlongLast(mul(x, x), i)),
  slope('split and stack', rows, (x) => stack(split(mul(x, x), 2), 1)),
  slope('of a gradient', rows, (x) => grad((z: Expr) => reduceSum(tanh(mul(z, sin(z)))))(x)),
  slope('of a gradient of softmax', rows, (x) => grad((z: Expr) => reduceSum(mul(softmax(z), sin(z))))(x)),
  slopes('attention', normals([3, 4]), normals([5, 4]), (q, k) =>
    einsum('ts,sh->th', [softmax(einsum('th,sh->ts', [q, k])), k]),
  ),
  example('the value beside the gradient', composite, { x: rows }, ({ x }) => ({
    value: reduceSum(gelu(x)),
    gradient: grad((z: Expr) => reduceSum(gelu(z)))(x),
  })),
];
