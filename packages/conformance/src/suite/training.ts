import { flowMatchingLoss } from '@torsor/losses';
import { attention, project } from '@torsor/nn';
import { adamw, clipByGlobalNorm, globalNorm, sgd } from '@torsor/optim';
import { add, type Expr, gelu, literal, mean, mul, reshape, rmsNorm, square, sub, tanh } from '@torsor/tensor';
import { type Case, example } from './case.js';
import { policyCases } from './policy.js';
import { between, given, normals } from './source.js';
import { anyProgram, composite } from './tolerance.js';
import { adam, train } from './train.js';

const weights = (...shape: readonly number[]) => between(-0.5, 0.5, shape);

const perceptron = { w1: weights(4, 8), b1: weights(8), w2: weights(8, 2), b2: weights(2) };

const transformer = {
  q: weights(8, 8),
  kv: weights(8, 4),
  out: weights(8, 8),
  scale: weights(8),
  up: weights(8, 16),
  down: weights(16, 8),
};

const hidden = Number.NEGATIVE_INFINITY;
const causal = (): Expr => literal([0, hidden, hidden, 0, 0, hidden, 0, 0, 0], 'f32', [1, 3, 3]);

/** One layer: grouped attention of two query heads on one key-value head, then a gated perceptron. */
const layer = (params: { readonly [K in keyof typeof transformer]: Expr }, x: Expr): Expr => {
  const normed = rmsNorm(x, params.scale);
  const q = reshape(project(normed, params.q), [1, 3, 2, 4]);
  const kv = reshape(project(normed, params.kv), [1, 3, 1, 4]);
  const mixed = reshape(attention(q, kv, tanh(kv), causal()), [1, 3, 8]);
  const residual = add(x, project(mixed, params.out));
  return add(residual, project(gelu(project(rmsNorm(residual, params.scale), params.up)), params.down));
};

/** The norm of gradients whose squares are no numbers of f32, and the gradients clipped, in units that make them about 1. */
const clipped = (name: string, numbers: readonly number[], limit: number, unit: number): Case =>
  example(`clipping ${name}`, composite, { g: given(numbers) }, ({ g }) => ({
    norm: mul(globalNorm({ g }), unit),
    clipped: mul(clipByGlobalNorm(limit).update({ g }, {}, { g }).updates.g, Math.max(unit, 1 / limit)),
  }));

/** Whole training steps: loss, gradient, clipping, optimizer, moving average. */
export const trainingCases: readonly Case[] = [
  example(
    'a perceptron by AdamW',
    anyProgram,
    { ...perceptron, x: normals([5, 4]), y: normals([5, 2]) },
    ({ x, y, ...params }) => ({
      ...train(
        params,
        adamw(adam),
        ({ w1, b1, w2, b2 }) => mean(square(sub(add(project(tanh(add(project(x, w1), b1)), w2), b2), y))),
        3,
      ),
    }),
  ),
  example(
    'a perceptron by SGD with momentum',
    anyProgram,
    { ...perceptron, x: normals([5, 4]), y: normals([5, 2]) },
    ({ x, y, ...params }) => ({
      ...train(
        params,
        sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
        ({ w1, b1, w2, b2 }) => mean(square(sub(add(project(tanh(add(project(x, w1), b1)), w2), b2), y))),
        3,
      ),
    }),
  ),
  example(
    'a transformer layer by AdamW',
    anyProgram,
    { ...transformer, x: normals([1, 3, 8]), u: normals([1, 3, 8]) },
    ({ x, u, ...params }) => ({
      ...train(
        params,
        adamw(adam),
        (at) => mean(flowMatchingLoss(layer(at as { readonly [K in keyof typeof transformer]: Expr }, x), u)),
        2,
      ),
    }),
  ),
  clipped('gradients whose squares overflow', [3e19, -4e19, 1e18], 1, 1e-19),
  clipped('gradients whose norm over the limit overflows', [2e38, -1e38], 2 ** -30, 1e-37),
  clipped('gradients whose squares vanish', [3e-25, -4e-25], 1e-25, 1e25),
  clipped('small gradients below the limit', [1e-25, 1e-25], 1, 1e25),
  ...policyCases,
];
