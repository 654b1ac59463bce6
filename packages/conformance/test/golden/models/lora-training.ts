import { paramNorm } from '@torsor/optim';
import { type TensorValue, toFloat64 } from '@torsor/tensor';
import { type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { number, object, objects } from '../json.js';
import { numbersOf, stored } from '../tensors.js';
import type { OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { type Comparisons, comparing } from './compare.js';
import type { Json } from './config.js';
import { type AdaptedPolicy, filterOf } from './lora.js';
import { type Built, resultAt, runWith } from './running.js';
import { type MadeStep, makeSteps } from './trained-steps.js';

/** The limits that the golden README suggests for training. */
const trainLimits = { loss: 5e-5, gradNorm: 1e-4, paramNorm: 1e-5, close: 2e-6, farShare: 1e-3, rate: 2e-7 } as const;

const recordedOf = ({ config }: GoldenCase): Json => object(config['train']);

const stepsOf = (golden: GoldenCase): readonly Json[] => objects(recordedOf(golden)['steps']);

const madeBy = <R>(open: OpenBackend, golden: GoldenCase, policy: AdaptedPolicy<R>): Promise<readonly MadeStep[]> =>
  makeSteps(open, {
    params: { paramTypes: policy.types, freezeFilter: filterOf(policy), openpiHabits: true },
    // `program` gives a batch the structure of the values that it is built for.
    loss: (params, batch) => policy.loss(params, batch as unknown as Built<R>),
    initial: policy.params,
    batchAt: (step) => policy.atStep(step) as never,
    recorded: recordedOf(golden),
    steps: stepsOf(golden).length,
    freeze: { freeze: [], freezeForLora: true, frozenDtype: 'auto' },
  });

/** The bias of the keys of the vision tower moves no score: its gradient is only rounding, which Adam makes steps of. */
const isIdle = (name: string): boolean => name.endsWith('/key/bias');

/** Trained parameters after a step: nearly all very close, the rest within what the learning rates allow. */
const testTrained = (compare: Comparisons, golden: GoldenCase, made: readonly MadeStep[]): void => {
  const [train, grads] = [golden.file('train'), golden.file('grads')];
  let [far, count] = [0, 0];
  for (const [name, expected] of train) {
    const [, after, path] = /^params\/(\d+)\/(.+)$/.exec(name) ?? [];
    if (after === undefined || path === undefined || isIdle(path)) continue;
    const actual = resultAt(made[Number(after) - 1]?.params ?? new Map(), path);
    const gradient = numbersOf(stored(grads, path));
    const wanted = numbersOf(expected);
    const steps = stepsOf(golden).slice(0, Number(after));
    const limit = steps.reduce((sum, step) => sum + number(step['lr']), 0);
    const keep = (i: number): boolean => gradient[i] !== 0;
    compare.close(name, actual, expected, { kind: 'training', absolute: true, limit, keep });
    const found = toFloat64(actual);
    far += wanted.filter((x, i) => keep(i) && Math.abs(x - (found[i] ?? Number.NaN)) > trainLimits.close).length;
    count += wanted.length;
  }
  expect(far / count, 'share of trained parameters that are not very close').toBeLessThan(trainLimits.farShare);
};

/** The norm of a step's parameters without openpi's rounding. */
const exactNorm = async (open: OpenBackend, params: ReadonlyMap<string, TensorValue>): Promise<number> => {
  const tree = unflatten([...params].map(([path, leaf]) => ({ path, leaf })));
  if (E.isLeft(tree)) throw new Error('the parameters are no tree');
  const found = await runWith(open, { params: tree.right }, (given) => ({
    norm: paramNorm(given.params as Tree<never>),
  }));
  return toFloat64(resultAt(found, 'norm'))[0] ?? Number.NaN;
};

/** Frozen parameters are what they were, bit for bit. */
const testFrozen = <R>(policy: AdaptedPolicy<R>, made: readonly MadeStep[]): void => {
  const [first, last] = [made[0], made.at(-1)];
  for (const [path, value] of first?.params ?? []) {
    if (filterOf(policy)(path)) expect(last?.params.get(path)?.data, path).toEqual(value.data);
  }
};

/** Recorded training steps: losses, norms, learning rates and parameters. */
export const testTraining = async <R>(
  open: OpenBackend,
  golden: GoldenCase,
  policy: AdaptedPolicy<R>,
): Promise<void> => {
  const compare = comparing(golden.group, open.name);
  const made = await madeBy(open, golden, policy);
  for (const [i, step] of stepsOf(golden).entries()) {
    const { measured = {}, params = new Map<string, TensorValue>() } = made[i] ?? {};
    const judge = (name: string, found: number | undefined, recorded: string, limit: number): void =>
      compare.scalar(`${name} ${i}`, found ?? Number.NaN, number(step[recorded]), limit, 'training');
    judge('loss', measured['loss'], 'loss', trainLimits.loss);
    judge('grad_norm', measured['grad_norm'], 'grad_norm', trainLimits.gradNorm);
    judge('lr', measured['learning_rate'], 'lr', trainLimits.rate);
    judge('exact param_norm', await exactNorm(open, params), 'param_norm_exact_f64', trainLimits.paramNorm);
    // The reference computes without rounding.
    if (open.name !== 'reference') judge('param_norm', measured['param_norm'], 'param_norm', trainLimits.paramNorm);
  }
  testFrozen(policy, made);
  testTrained(compare, golden, made);
};
