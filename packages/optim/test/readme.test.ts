import { program, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { adamw, applyUpdates } from '../src/index.js';

it('the example of the README runs', () => {
  const type = { kernel: tensorType('f32', [2, 2]) };
  const optimizer = { b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-10, clipGradientNorm: 1 };
  const built = program({ params: type, gradient: type, learningRate: tensorType('f32') }, (given) => {
    const { init, update } = adamw({ ...optimizer, learningRate: given.learningRate });
    const { updates, state } = update(given.gradient, init(given.params), given.params);
    return { params: applyUpdates(given.params, updates), state };
  });
  const outputs = E.isRight(built) ? built.right.outputs.map(({ path }) => path) : [];
  expect(outputs).toEqual(['params/kernel', 'state/1/count', 'state/1/mu/kernel', 'state/1/nu/kernel']);
});
