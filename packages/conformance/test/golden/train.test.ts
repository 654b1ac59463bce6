import { computeLoss, type Params } from '@torsor/models';
import {
  applyUpdates,
  type ChainState,
  ema,
  globalNorm,
  type Optimizer,
  optimizer,
  paramNorm,
  showOptimError,
} from '@torsor/optim';
import { constant, fromFloat64, mean, type TensorValue, tensorType, toFloat64, valueAndGrad } from '@torsor/tensor';
import { map, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { goldenFiles } from '../../src/index.js';
import { describeGolden, type Golden } from './describe-golden.js';
import { number, object, objects, text } from './json.js';
import { describeBackends, type OpenBackend } from './models/backends.js';
import { caseAt, type GoldenCase } from './models/cases.js';
import { type Comparisons, comparing } from './models/compare.js';
import type { Json } from './models/config.js';
import { flowConfigOf, flowInputsOf, flowScoresOf } from './models/flow.js';
import { type Built, compiledWith, type Results, resultAt, runWith } from './models/running.js';
import { jaxScheduleLimit, scheduleOf } from './models/schedule.js';
import { optimizerConfigOf } from './optimizers.js';
import { numbersOf, type Stored, stored, valueAt } from './tensors.js';

/*
 * Steps of openpi's trainer, repeated: loss, norms, parameters and their moving average. The batch is that of π0's group,
 * which the first parameters come from too; the recorded learning rates are used, and compared with our schedule.
 */

/** The limits that the golden README suggests for training. */
const limits = { loss: 3e-5, gradNorm: 1e-4, paramNorm: 1e-6, close: 2e-6, far: 5e-4, farShare: 1e-3 } as const;

type Values = Tree<TensorValue>;

type Training = {
  readonly file: Json;
  readonly tensors: Stored;
  readonly policy: GoldenCase;
};

const stepsOf = ({ file }: Training): readonly Json[] => objects(file['steps']);

const optimizerOf = ({ file }: Training): Optimizer => {
  const { kind, config } = object(file['optimizer']);
  const made = optimizer(optimizerConfigOf(text(kind), object(config)));
  if (E.isLeft(made)) throw new Error(made.left.map(showOptimError).join('; '));
  return made.right;
};

const below = (results: Results, path: string): Values => {
  const entries = [...results].filter(([name]) => name.startsWith(`${path}/`));
  const tree = unflatten(entries.map(([name, leaf]) => ({ path: name.slice(path.length + 1), leaf })));
  if (E.isLeft(tree)) throw new Error(`results ${path}/… are no tree`);
  return tree.right;
};

const stepInputs = (training: Training, step: number, before: { params: Values; average: Values; state: Values }) => {
  const { batch } = flowInputsOf(training.policy);
  const { tensors } = training;
  return {
    ...before,
    batch: { ...batch, noise: valueAt(tensors, `noise/${step}`), time: valueAt(tensors, `time/${step}`) },
    learningRate: fromFloat64(tensorType('f32'), [number(stepsOf(training)[step]?.['lr'])]),
  };
};

type StepInputs = ReturnType<typeof stepInputs>;

const stepOf =
  (training: Training) =>
  ({ params, average, state, batch, learningRate }: Built<StepInputs>) => {
    const config = flowConfigOf(training.policy.config);
    const { value, grads } = valueAndGrad((at: Params) => mean(computeLoss(config, at, batch)))(params);
    // The state of the chain that the first program made.
    const next = optimizerOf(training)(learningRate).update(grads, state as ChainState, params);
    const moved = applyUpdates(params, next.updates);
    return {
      loss: value,
      gradNorm: globalNorm(grads),
      paramNorm: paramNorm(moved),
      params: moved,
      average: ema(number(training.file['ema_decay'])).update(average, moved),
      state: next.state,
    };
  };

/** One step after another: what each gives. */
const repeated = async (open: OpenBackend, training: Training): Promise<readonly Results[]> => {
  const { params } = flowInputsOf(training.policy);
  const first = await runWith(open, {}, () => ({
    state: optimizerOf(training)(0).init(map(params, ({ type }) => constant(0, type.dtype, type.shape))),
  }));
  let inputs = stepInputs(training, 0, { params, average: params, state: below(first, 'state') });
  const run = await compiledWith(open, inputs, stepOf(training));
  const results: Results[] = [];
  for (const step of stepsOf(training).keys()) {
    const last = await run(inputs);
    results.push(last);
    if (step + 1 === stepsOf(training).length) break;
    const before = { params: below(last, 'params'), average: below(last, 'average'), state: below(last, 'state') };
    inputs = stepInputs(training, step + 1, before);
  }
  return results;
};

/** The bias of the tower's keys moves no score: its gradient is only rounding, which Adam makes whole steps of. */
const isIdle = (name: string): boolean => name.endsWith('/key/bias');

/** Parameters and averages after a step: nearly all very close, all within what a few sensitive entries may move. */
const testTensors = (compare: Comparisons, training: Training, results: readonly Results[]): void => {
  const grads = training.policy.file('grads');
  let [far, count] = [0, 0];
  for (const [name, expected] of training.tensors) {
    const [, kind, after, path = ''] = /^(params|ema)\/(\d+)\/(.+)$/.exec(name) ?? [];
    if (after === undefined || isIdle(path)) continue;
    const at = results[Number(after) - 1] ?? new Map<string, TensorValue>();
    const actual = resultAt(at, `${kind === 'ema' ? 'average' : 'params'}/${path}`);
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
  const results = await repeated(open, training);
  for (const [i, step] of stepsOf(training).entries()) {
    const judge = (ours: string, recorded: string, limit: number): void => {
      const [found = Number.NaN] = toFloat64(resultAt(results[i] ?? new Map(), ours));
      compare.scalar(`${recorded} ${i}`, found, number(step[recorded]), limit, 'training');
    };
    judge('loss', 'loss', limits.loss);
    judge('gradNorm', 'grad_norm', limits.gradNorm);
    judge('paramNorm', 'param_norm', limits.paramNorm);
  }
  testTensors(compare, training, results);
};

const testSchedule = (training: Training): void => {
  const { kind, config } = object(training.file['lr_schedule']);
  const schedule = scheduleOf(text(kind), object(config));
  for (const [i, step] of stepsOf(training).entries()) {
    expect(Math.abs(schedule(i) - number(step['lr']))).toBeLessThanOrEqual(jaxScheduleLimit(object(config)));
  }
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
  it('has the learning rates of openpi', () => testSchedule(training));
  describeBackends(flowScoresOf(config), (open) => {
    it('agrees step by step in loss, norms, parameters and averages', () => testSteps(open, training));
  });
};

describeGolden('train', ['train/train.json', 'train/train.safetensors'], testTraining);
