import { ExactTensor } from '@torsor/laws';
import { tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { adamw, type OptimizerConfig, optimizer, sgd, showOptimError } from '../src/index.js';
import { firstUpdate, numbers, type Tensors } from './trees.js';

const adamW = { kind: 'AdamW', b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-10, clipGradientNorm: 1 } as const;

const messages = (config: OptimizerConfig): readonly string[] => {
  const made = optimizer(config);
  return E.isLeft(made) ? made.left.map(showOptimError) : [];
};

const one: Tensors = { p: new ExactTensor(tensorType('f32', [2]), Float64Array.of(3, -4)) };

const update = (config: OptimizerConfig): readonly number[] => {
  const made = optimizer(config);
  return E.isLeft(made) ? [] : numbers(firstUpdate(made.right(0.1), one, one));
};

describe('optimizer', () => {
  it('makes what the configuration says', () => {
    expect(update(adamW)).toEqual(numbers(firstUpdate(adamw({ ...adamW, learningRate: 0.1 }), one, one)));
    const config = { kind: 'SGD', momentum: 0.9, nesterov: true } as const;
    expect(update(config)).toEqual(
      numbers(firstUpdate(sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), one, one)),
    );
  });

  it('refuses what SGD would ignore', () => {
    expect(messages({ kind: 'SGD', momentum: 1, nesterov: false, lr: 5e-5, clipGradientNorm: 1 })).toEqual([
      'SGD: momentum is 1; give a number of at least 0 and below 1',
      'SGD does not use lr: set the learning rate in the schedule',
      'SGD does not use clipGradientNorm: leave it out, or choose AdamW, which clips',
    ]);
  });

  it('names every field out of range at once', () => {
    const wrong = { b1: 1, b2: -1, eps: Number.NaN, weightDecay: -1, clipGradientNorm: 0 };
    expect(messages({ ...adamW, ...wrong })).toEqual([
      'AdamW: b1 is 1; give a number of at least 0 and below 1',
      'AdamW: b2 is -1; give a number of at least 0 and below 1',
      'AdamW: eps is NaN; give a finite number of at least 0',
      'AdamW: weightDecay is -1; give a finite number of at least 0',
      'AdamW: clipGradientNorm is 0; give a finite number above 0',
    ]);
  });
});
