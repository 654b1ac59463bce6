import type { LossTerms } from '@torsor/policy';
import { evaluate, fromFloat64, type Program, program, type TensorType, tensorType, toFloat64 } from '@torsor/tensor';
import { paths, type Tree, type TreeNode } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { type Objective, optimizerOf, policyObjective, recipeOf } from '../src/index.js';
import { nothingFrozen } from '../src/update/frozen.js';
import { firstProgram, updateProgram } from '../src/update/program.js';
import { right } from './right.js';
import { scaleOf, scalePolicy } from './scale-policy.js';

const pictures = { features: { top: 'x' }, absent: [], size: [2, 2], augment: null } as const;

const policy = (augment: 'full' | null = null): Objective =>
  policyObjective(scalePolicy({ options: [], requests: [] }), {
    pictures: { ...pictures, augment },
    realDims: 2,
    batchSize: 4,
  });

const numbers = tensorType('f32', [4, 2, 3]);

/** Every w · noise − actions is −2 where w is 2. */
const values = {
  params: scaleOf(2),
  batch: { noise: fromFloat64(numbers, new Array(24).fill(1)), actions: fromFloat64(numbers, new Array(24).fill(4)) },
};

const firstNumbers = (outputs: object): object =>
  Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, toFloat64(value)[0]]));

describe('policyObjective', () => {
  const of = (types: TreeNode<TensorType>, loss: Objective['loss']): object => {
    const built: Program<{ params: Tree<TensorType>; batch: TreeNode<TensorType> }, LossTerms['measured']> = right(
      program({ params: policy().paramTypes, batch: types }, ({ params, batch }) => {
        const terms = loss(params as never, batch as never);
        return { loss: terms.loss, ...terms.measured };
      }),
    ) as never;
    return firstNumbers(right(evaluate(built, values as never)));
  };

  it('is the loss of the model, for the dimensions that are no padding', () => {
    expect(of(policy().batchTypes, policy().loss)).toEqual({ loss: 4, loss_real_dims: 8 });
  });

  it('held out is what the model measures there', () => {
    expect(of(policy().heldOutTypes, policy().heldOutLoss)).toEqual({ loss: 2, token_accuracy: 16 });
  });

  it('sends what varies pictures for updates alone', () => {
    const { batchTypes, heldOutTypes } = policy('full');
    expect(paths(heldOutTypes)).toEqual(['actions', 'noise']);
    expect(paths(batchTypes)).toContain('augmentation/jitter/top/hue');
    expect(paths(policy().batchTypes)).toEqual(['actions', 'noise']);
  });

  it('trains the loss, not that of the real dimensions', () => {
    const settings = { ...nothingFrozen, emaDecay: null, gradientAccumulation: 1 };
    const optimizer = optimizerOf({ kind: 'sgd', momentum: 0, nesterov: false });
    const recipe = right(recipeOf({ ...settings, optimizer }, policy(), ['f32']));
    const first = right(firstProgram(recipe));
    const { optimizer: begun } = right(evaluate(first, {}));
    const update = right(updateProgram(recipe, policy(), first.signature.outputs.optimizer));
    const { state, metrics } = right(
      evaluate(update, {
        state: { params: values.params, optimizer: begun, ema: {} },
        batch: { inputs: values.batch, learningRate: fromFloat64(tensorType('f32'), [0.25]) },
      } as never),
    ) as unknown as { state: { params: object }; metrics: object };
    // The derivative of (w − 4)² at 2 is −4: w moves by 1.
    expect(firstNumbers(metrics)).toEqual({ loss: 4, loss_real_dims: 8, grad_norm: 4, param_norm: 3 });
    expect(firstNumbers(state.params)).toEqual({ w: 3 });
  });
});
