import {
  add,
  broadcastInDim,
  constant,
  convert,
  type Expr,
  mul,
  reduceSum,
  scan,
  sin,
  stack,
  tanh,
} from '@torsor/tensor';
import type { Case } from '../case.js';
import { nested, recurrent } from '../scans.js';
import { between, normals } from '../source.js';
import { anyProgram } from '../tolerance.js';
import { slope, slopes } from './gradient.js';

const none: Readonly<Record<string, Expr>> = {};

/** Two carries that feed each other, and a counter that no cotangent reaches. */
const coupled = (start: Expr, x: Expr): Expr => {
  const step = (c: { readonly n: Expr; readonly p: Expr; readonly q: Expr }, e: Expr) => ({
    carry: { n: add(c.n, 1), p: tanh(add(c.q, e)), q: mul(c.p, sin(add(e, convert(c.n, 'f32')))) },
    y: mul(c.p, c.q),
  });
  const { carry, ys } = scan(step, { n: constant(0, 'i32'), p: start, q: mul(start, 0.5) }, x);
  return add(ys, add(carry.p, carry.q));
};

/** Gradients through loops. */
export const scanGradientCases: readonly Case[] = [
  slopes(
    'carry and elements',
    normals([3]),
    normals([4, 3]),
    (c, x) => recurrent(c, x, broadcastInDim(c, [3, 3], [0])).ys.sum,
  ),
  slopes('carry and weights', normals([3]), between(-1, 1, [3, 3]), (c, w) => recurrent(c, w, w).carry),
  slopes(
    'reverse',
    normals([4, 3]),
    between(-1, 1, [3, 3]),
    (x, w) => recurrent(reduceSum(x, [0]), x, w, true).ys.state,
  ),
  slopes('length 1', normals([1, 3]), between(-1, 1, [3, 3]), (x, w) => recurrent(reduceSum(x, [0]), x, w).ys.state),
  slopes('nested', normals([3, 4]), between(-1, 1, []), (x, w) => nested(w, x, w).ys),
  slopes('nested, the carry', normals([3, 4]), between(-1, 1, []), (x, w) => nested(w, x, w).carry),
  slopes('several carries and a counter', normals([3]), normals([4, 3]), coupled),
  slope(
    'without sequences',
    normals([3]),
    (x) => scan((c: Expr) => ({ carry: sin(c), y: c }), x, none, { length: 6 }).ys,
  ),
  slope(
    'a constant from outside',
    normals([2]),
    (x) =>
      scan((c: Expr) => ({ carry: add(mul(c, sin(x)), x), y: none }), constant(1, 'f32', [2]), none, { length: 4 })
        .carry,
  ),
  slopes(
    'length 20',
    normals([20, 3]),
    between(-1, 1, [3, 3]),
    (x, w) => recurrent(reduceSum(x, [0]), x, w).ys.state,
    anyProgram,
  ),
  slopes('length 0', normals([3]), normals([0, 3]), (c, x) => recurrent(c, x, stack([c, c, c])).carry),
];
