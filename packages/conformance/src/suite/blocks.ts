import { add, block, type Expr, matmul, mul, reduceSum, rmsNorm, scan, sin, softmax, tanh } from '@torsor/tensor';
import { type Case, example } from './case.js';
import { between, normals } from './source.js';
import { composite, elementwise } from './tolerance.js';

/** A named composite, its body and an operand that the body captures. */
export const gated = (x: Expr, w: Expr, captured: Expr): Expr =>
  block('gated', { width: 4 }, (z: { readonly x: Expr; readonly w: Expr }) => mul(tanh(matmul(z.x, z.w)), captured), {
    x,
    w,
  });

const operands = { x: normals([3, 4]), w: between(-1, 1, [4, 4]), c: normals([4]) };

/** Named composites: whether a backend fuses them or not, they compute their bodies. */
export const blockCases: readonly Case[] = [
  example('with a captured operand', composite, operands, ({ x, w, c }) => gated(x, w, sin(c))),
  example('twice', composite, operands, ({ x, w, c }) => gated(gated(x, w, c), w, c)),
  example('of several results', elementwise, { x: normals([3, 4]) }, ({ x }) =>
    block('results', {}, (z: Expr) => ({ same: z, twice: mul(z, 2), sum: add(z, z) }), x),
  ),
  example('in a block', composite, operands, ({ x, w, c }) =>
    block('outer', { name: 'outer', deep: true }, (z: Expr) => reduceSum(gated(z, w, c), [0]), x),
  ),
  example('a model’s', composite, { x: normals([3, 8]), scale: between(-0.1, 0.1, [8]) }, ({ x, scale }) =>
    block('rmsNorm', { eps: 1e-6 }, (z: { readonly x: Expr; readonly scale: Expr }) => softmax(rmsNorm(z.x, z.scale)), {
      x,
      scale,
    }),
  ),
  example('in a loop', composite, { ...operands, x: normals([2, 3, 4]) }, ({ x, w, c }) => ({
    ...scan((carry: Expr, e: Expr) => ({ carry: gated(add(carry, e), w, c), y: carry }), reduceSum(x, [0]), x),
  })),
  example('around a loop', composite, operands, ({ x, w, c }) =>
    block(
      'loop',
      {},
      (z: Expr) => scan((carry: Expr, e: Expr) => ({ carry: tanh(add(carry, e)), y: carry }), c, matmul(z, w)).ys,
      x,
    ),
  ),
];
