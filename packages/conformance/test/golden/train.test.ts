import { computeLoss, type Pi0Batch, paramTypes } from '@torsor/models';
import { type TensorValue, toFloat64 } from '@torsor/tensor';
import type { TreeNode } from '@torsor/tree';
import { expect, it } from 'vitest';
import { goldenFiles } from '../../src/index.js';
import { describeGolden, type Golden } from './describe-golden.js';
import { number, object, objects } from './json.js';
import { describeBackends, type OpenBackend } from './models/backends.js';
import { caseAt, type GoldenCase } from './models/cases.js';
import { type Comparisons, comparing } from './models/compare.js';
import type { Json } from './models/config.js';
import { flowConfigOf, flowInputsOf, flowScoresOf } from './models/flow.js';
import { type MadeStep, makeSteps } from './models/trained-steps.js';
import { numbersOf, type Stored, stored, valueAt } from './tensors.js';

/*
 * Steps of openpi's trainer, repeated by ours: loss, norms, learning rates, parameters and their moving average. The batch
 * is that of π0's group, which the first parameters come from too.
 */

/** The limits that the golden README suggests for training. */
const limits = { loss: 3e-5, gradNorm: 1e-4, paramNorm: 1e-6, close: 2e-6, far: 5e-4, farShare: 1e-3 } as const;

/** JAX computes the rate in f32, a few times. */
const rateLimit = 2e-7;

type Training = {
  readonly file: Json;
  readonly tensors: Stored;
  readonly policy: GoldenCase;
};

const stepsOf = ({ file }: Training): readonly Json[] => objects(file['steps']);

const madeBy = (open: OpenBackend, training: Training): Promise<readonly MadeStep[]> => {
  const { file, tensors, policy } = training;
  const config = flowConfigOf(policy.config);
  const { params, batch } = flowInputsOf(policy);
  return makeSteps(open, {
    params: { paramTypes: paramTypes(config) },
    loss: (at, given) => computeLoss(config, at, given as unknown as Pi0Batch),
    initial: params,
    batchAt: (step) =>
      ({
        ...batch,
        noise: valueAt(tensors, `noise/${step}`),
        time: valueAt(tensors, `time/${step}`),
      }) as unknown as TreeNode<TensorValue>,
    recorded: file,
    steps: stepsOf(training).length,
  });
};

/** The bias of the tower's keys moves no score: its gradient is only rounding, which Adam makes whole steps of. */
const isIdle = (name: string): boolean => name.endsWith('/key/bias');

/** Parameters and averages after a step: nearly all very close, all within what a few sensitive entries may move. */
const testTensors = (compare: Comparisons, training: Training, steps: readonly MadeStep[]): void => {
  const grads = training.policy.file('grads');
  let [far, count] = [0, 0];
  for (const [name, expected] of training.tensors) {
    const [, kind, after, path = ''] = /^(params|ema)\/(\d+)\/(.+)$/.exec(name) ?? [];
    if (after === undefined || isIdle(path)) continue;
    const actual = steps[Number(after) - 1]?.[kind === 'ema' ? 'ema' : 'params'].get(path);
    if (actual === undefined) throw new Error(`the trainer has no ${name}`);
    const gradient = grads.has(path) ? numbersOf(stored(grads, path)) : [];
    const keep = (i: number): boolean => gradient[i] !== 0;
    compare.close(name, actual, expected, { kind: 'training', absolute: true, limit: limits.far, keep });
    const [found, wanted] = [toFloat64(actual), numbersOf(expected)];
    far += wanted.filter((x, i) => keep(i) && Math.abs(x - (found[i] ?? Number.NaN)) > limits.close).length;
    count += wanted.length;
  }
  expect(far / count, 'share of entries that are not very close').toBeLessThanOrEqual(limits.farShare);
};

const testSteps = async (open: OpenBackend, training: Training): Promise<void> => {
  const compare = comparing('train', open.name);
  const steps = await madeBy(open, training);
  for (const [i, step] of stepsOf(training).entries()) {
    const judge = (ours: string, recorded: string, limit: number): void =>
      compare.scalar(
        `${recorded} ${i}`,
        steps[i]?.measured[ours] ?? Number.NaN,
        number(step[recorded]),
        limit,
        'training',
      );
    judge('loss', 'loss', limits.loss);
    judge('grad_norm', 'grad_norm', limits.gradNorm);
    judge('param_norm', 'param_norm', limits.paramNorm);
    judge('learning_rate', 'lr', rateLimit);
  }
  testTensors(compare, training, steps);
};

/** Where the group of π0 is, whose batch and parameters the recorded trainer began with. */
const policyFolder = 'pi0';

const testTraining = (golden: Golden): void => {
  if (!goldenFiles().has(`${policyFolder}/config.json`)) {
    it.skip(`train: it begins with the parameters and the batch of ${policyFolder}, which is absent`, () => {});
    return;
  }
  const config = object(golden.json(`${policyFolder}/config.json`));
  const training: Training = {
    file: object(golden.json('train/train.json')),
    tensors: golden.tensors('train/train.safetensors'),
    policy: caseAt(golden, policyFolder, config),
  };
  describeBackends(flowScoresOf(config), (open) => {
    it('agrees step by step in loss, norms, learning rates, parameters and averages', () => testSteps(open, training));
  });
};

describeGolden('train', ['train/train.json', 'train/train.safetensors'], testTraining);
