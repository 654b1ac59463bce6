import { flowMatchingLoss } from '@torsor/losses';
import { attention, project } from '@torsor/nn';
import { adamw, sgd } from '@torsor/optim';
import { add, type Expr, gelu, literal, mean, reshape, rmsNorm, square, sub, tanh } from '@torsor/tensor';
import { type Case, example } from './case.js';
import { policyCases } from './policy.js';
import { between, normals } from './source.js';
import { anyProgram } from './tolerance.js';
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
  ...policyCases,
];
