import {
  applyUpdates,
  type ChainState,
  globalNorm,
  type Mask,
  merge,
  type Optimizer,
  optimizer,
  paramNorm,
  partition,
  showOptimError,
} from '@torsor/optim';
import {
  constant,
  type DType,
  type Expr,
  fromFloat64,
  type TensorValue,
  tensorType,
  toFloat64,
  valueAndGrad,
} from '@torsor/tensor';
import { map, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { number, object, objects, text } from '../json.js';
import { numbersOf, stored } from '../tensors.js';
import type { OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { type Comparisons, comparing } from './compare.js';
import { type AdaptedPolicy, filterOf, paramsHeld, trainedOf } from './lora.js';
import { type Built, compiledWith, type Results, resultAt, runWith } from './running.js';

type Values = Tree<TensorValue>;

/** The limits that the golden README suggests for training. */
const trainLimits = { loss: 5e-5, gradNorm: 1e-4, paramNorm: 1e-5, close: 2e-6, farShare: 1e-3 } as const;

const stepsOf = ({ config }: GoldenCase): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  objects(object(config['train'])['steps']);

const optimizerOf = (golden: GoldenCase): Optimizer => {
  const { kind, config } = object(object(golden.config['train'])['optimizer']);
  expect(text(kind)).toBe('AdamW');
  const c = object(config);
  const made = optimizer({
    kind: 'AdamW',
    b1: number(c['b1']),
    b2: number(c['b2']),
    eps: number(c['eps']),
    weightDecay: number(c['weight_decay']),
    clipGradientNorm: number(c['clip_gradient_norm']),
  });
  if (E.isLeft(made)) throw new Error(made.left.map(showOptimError).join('; '));
  return made.right;
};

const below = (results: Results, path: string): Values => {
  const entries = [...results].filter(([name]) => name.startsWith(`${path}/`));
  const tree = unflatten(entries.map(([name, leaf]) => ({ path: name.slice(path.length + 1), leaf })));
  if (E.isLeft(tree)) throw new Error(`results ${path}/… are no tree`);
  return tree.right;
};

/** What a training step is given; it changes only what is trained. */
type StepInputs<R> = {
  readonly params: Values;
  readonly state: Values;
  readonly rest: R;
  readonly learningRate: TensorValue;
};

const stepOf =
  <R>(policy: AdaptedPolicy<R>, mask: Mask, make: Optimizer) =>
  ({ params, state: before, rest, learningRate }: Built<StepInputs<R>>) => {
    const trained: Tree<Expr> = partition<Expr>(params, mask).selected;
    const loss = (part: Tree<Expr>): Expr => policy.loss(merge<Expr>(params, part), rest);
    const { value, grads } = valueAndGrad(loss)(trained);
    // The state of the chain that the first program made.
    const { updates, state } = make(learningRate).update(grads, before as ChainState, trained);
    const next = applyUpdates(trained, updates);
    const whole = merge<Expr>(params, next);
    return {
      loss: value,
      gradNorm: globalNorm(grads),
      exactNorm: paramNorm(whole),
      roundedNorm: paramNorm(whole, { roundNarrow: filterOf(policy) }),
      trained: next,
      state,
    };
  };

/** One step after another: what each gives. */
const repeated = async <R>(
  open: OpenBackend,
  golden: GoldenCase,
  policy: AdaptedPolicy<R>,
  held: DType,
): Promise<readonly Results[]> => {
  const [make, mask] = [optimizerOf(golden), trainedOf(policy)];
  const params = paramsHeld(policy, held);
  const first = await runWith(open, {}, () => {
    const zeros = map(partition(params, mask).selected, ({ type }) => constant(0, type.dtype, type.shape));
    return { state: make(0).init(zeros) };
  });
  const at = (step: number, before: Values, state: Values): StepInputs<R> => ({
    params: before,
    state,
    rest: policy.atStep(step),
    learningRate: fromFloat64(tensorType('f32'), [number(stepsOf(golden)[step]?.['lr'])]),
  });
  const start = at(0, params, below(first, 'state'));
  const run = await compiledWith(open, start, stepOf(policy, mask, make));
  const results = [await run(start)];
  for (let step = 1; step < stepsOf(golden).length; step++) {
    const last = results.at(-1) ?? new Map<string, TensorValue>();
    results.push(await run(at(step, merge(params, below(last, 'trained')), below(last, 'state'))));
  }
  return results;
};

const numberAt = (results: Results, name: string): number => toFloat64(resultAt(results, name))[0] ?? Number.NaN;

/** The bias of the keys of the vision tower moves no score: its gradient is only rounding, which Adam makes steps of. */
const isIdle = (name: string): boolean => name.endsWith('/key/bias');

/** Trained parameters after a step: nearly all very close, the rest within what the learning rates allow. */
const testTrained = (compare: Comparisons, golden: GoldenCase, results: readonly Results[]): void => {
  const [train, grads] = [golden.file('train'), golden.file('grads')];
  let [far, count] = [0, 0];
  for (const [name, expected] of train) {
    const [, after, path] = /^params\/(\d+)\/(.+)$/.exec(name) ?? [];
    if (after === undefined || path === undefined || isIdle(path)) continue;
    const actual = resultAt(results[Number(after) - 1] ?? new Map(), `trained/${path}`);
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

/** Recorded training steps: losses, norms and parameters. */
export const testTraining = async <R>(
  open: OpenBackend,
  golden: GoldenCase,
  policy: AdaptedPolicy<R>,
): Promise<void> => {
  const compare = comparing(golden.group, open.name);
  const held = (await open.backend()).capabilities.dtypes.includes('bf16') ? 'bf16' : 'f32';
  const results = await repeated(open, golden, policy, held);
  for (const [i, step] of stepsOf(golden).entries()) {
    const found = results[i] ?? new Map<string, TensorValue>();
    const judge = (name: string, ours: string, recorded: string, limit: number): void =>
      compare.scalar(`${name} ${i}`, numberAt(found, ours), number(step[recorded]), limit, 'training');
    judge('loss', 'loss', 'loss', trainLimits.loss);
    judge('grad_norm', 'gradNorm', 'grad_norm', trainLimits.gradNorm);
    judge('exact param_norm', 'exactNorm', 'param_norm_exact_f64', trainLimits.paramNorm);
    // The reference computes without rounding.
    if (open.name !== 'reference') judge('param_norm', 'roundedNorm', 'param_norm', trainLimits.paramNorm);
  }
  testTrained(compare, golden, results);
};
