import { merge, partition } from '@torsor/optim';
import { type DType, type Expr, type TensorValue, toFloat64, valueAndGrad } from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import { expect, it } from 'vitest';
import { number, object, text } from '../json.js';
import { numbersOf } from '../tensors.js';
import { describeBackends, type OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { comparing, limits } from './compare.js';
import { scoresOf } from './config.js';
import { type AdaptedPolicy, filterOf, paramsHeld, trainedOf } from './lora.js';
import { testTraining } from './lora-training.js';
import { type Built, compiledWith, type Results, resultAt } from './running.js';

/** How the recorded parameters were stored. */
type Variant = {
  readonly name: string;
  /** What the names of its outputs end with. */
  readonly suffix: string;
  /** Its loss in `loss_variants`. */
  readonly loss: string;
  /** The file of its gradients, if it has one. */
  readonly grads?: string;
  /** What openpi held frozen parameters in; not rounded at all when absent. */
  readonly held?: DType;
};

const variants: readonly Variant[] = [
  { name: 'with nothing rounded', suffix: '_f32', loss: 'loss_f32', grads: 'grads_f32' },
  { name: 'with rounded frozen parameters', suffix: '_rounded_f32', loss: 'loss_rounded_f32', held: 'f32' },
  { name: 'with frozen parameters in bf16', suffix: '', loss: 'loss_bf16_frozen', grads: 'grads', held: 'bf16' },
];

/** What a backend holds frozen parameters in: their rounded numbers in f32 where it has no bf16. */
const heldBy = async (open: OpenBackend, held: DType | undefined): Promise<DType | undefined> =>
  held === undefined || (await open.backend()).capabilities.dtypes.includes(held) ? held : 'f32';

const testParameters = <R>(golden: GoldenCase, { types }: AdaptedPolicy<R>): void => {
  const expected = [...golden.file('params')].map(([name, { shape }]) => [name, shape]);
  const found = flatten(types).map(({ path, leaf }) => [path, leaf.shape]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
};

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);

const testFrozen = <R>({ config }: GoldenCase, policy: AdaptedPolicy<R>): void => {
  const isFrozen = filterOf(policy);
  const all = flatten(policy.types).map(({ path }) => path);
  expect(all.filter(isFrozen)).toEqual([...textsOf(config['frozen'])].sort());
  expect([...trainedOf(policy).selected].sort()).toEqual([...textsOf(config['trainable'])].sort());
  const sums = object(config['frozen_bf16_sums']);
  for (const { path, leaf } of flatten(paramsHeld(policy, 'bf16'))) {
    if (!isFrozen(path)) continue;
    expect(leaf.type.dtype, path).toBe('bf16');
    const sum = toFloat64(leaf).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - number(sums[path])), path).toBeLessThan(1e-5 * leaf.data.length);
  }
};

/** Layers `[i, …]` of which every number is exactly 0 in openpi's gradient; the whole tensor where it has no layers. */
const zeroRuns = (
  name: string,
  numbers: readonly number[],
  layers: number,
): ReadonlyArray<readonly [number, number]> => {
  const count = name.includes('/layers/') ? layers : 1;
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, i) => [i * size, (i + 1) * size] as const).filter(([start, end]) =>
    numbers.slice(start, end).every((x) => x === 0),
  );
};

const testZeros = (name: string, actual: TensorValue, expected: readonly number[], layers: number): void => {
  for (const [start, end] of zeroRuns(name, expected, layers)) {
    const found = toFloat64(actual).subarray(start, end);
    expect(
      found.every((x) => x === 0),
      `${name}: exactly zero where openpi's gradient is`,
    ).toBe(true);
  }
};

/** What is compared: outputs, the loss and its gradient, from one pass. */
const everything =
  <R>(policy: AdaptedPolicy<R>) =>
  ({ params, rest }: { readonly params: Tree<Expr>; readonly rest: Built<R> }) => {
    const outputs = policy.outputs(params, rest);
    const compared = policy.close.flatMap(({ ours }) => {
      const output = outputs[ours];
      return output === undefined ? [] : [[ours, output] as const];
    });
    const loss = (trained: Tree<Expr>): Expr => policy.loss(merge(params, trained), rest);
    const trained = partition(params, trainedOf(policy)).selected;
    return { outputs: Object.fromEntries(compared), ...valueAndGrad(loss)(trained) };
  };

/** Once for each key. */
const remembered = <A>(of: (key: string) => Promise<A>): ((key: string) => Promise<A>) => {
  const known = new Map<string, Promise<A>>();
  return (key) => {
    const found = known.get(key) ?? of(key);
    known.set(key, found);
    return found;
  };
};

/** A policy by what its frozen parameters are stored in, where that is narrow. */
type PolicyOf<R> = (frozenDtype: DType | undefined) => AdaptedPolicy<R>;

const narrowOf = (held: DType | undefined): DType | undefined => (held === 'f32' ? undefined : held);

/** What a policy gives on a backend by what openpi held its frozen parameters in, `undefined` for unrounded ones. */
type Give = (held: DType | undefined) => Promise<Results>;

/** Programs are compiled once for what frozen parameters are stored in, and run once for their values. */
const giving = <R>(open: OpenBackend, policyOf: PolicyOf<R>): Give => {
  const given = async (held: DType | undefined) => {
    const policy = policyOf(narrowOf(held));
    return { params: paramsHeld(policy, await heldBy(open, held)), rest: policy.rest };
  };
  const programs = remembered(async (stored) => {
    const narrow = stored === 'bf16' ? stored : undefined;
    return compiledWith(open, await given(narrow), everything(policyOf(narrow)));
  });
  const results = remembered(async (held) => {
    const of = variants.find((variant) => String(variant.held) === held)?.held;
    return (await programs(narrowOf(of) ?? 'f32'))(await given(of));
  });
  return (held) => results(String(held));
};

const testGradients = async <R>(
  open: OpenBackend,
  golden: GoldenCase,
  policy: AdaptedPolicy<R>,
  give: Give,
  { grads: file = '', held }: Variant,
): Promise<void> => {
  const grads = golden.file(file);
  const compare = comparing(golden.group, open.name);
  const results = await give(held);
  const layers = number(object(golden.config['paligemma'])['depth']);
  expect([...results.keys()].filter((path) => path.startsWith('grads/')).length).toBe(grads.size);
  for (const [name, gradient] of grads) {
    const found = resultAt(results, `grads/${name}`);
    compare.gradient(name, found, gradient, policy.gradientLimit);
    testZeros(name, found, numbersOf(gradient), layers);
  }
};

const testOutputs = async <R>(
  open: OpenBackend,
  golden: GoldenCase,
  policy: AdaptedPolicy<R>,
  give: Give,
  { suffix, loss, held }: Variant,
): Promise<void> => {
  const [recordings, compare] = [golden.file('outputs'), comparing(golden.group, open.name)];
  const results = await give(held);
  for (const { ours, recorded, how } of policy.close) {
    const [found, expected] = [results.get(`outputs/${ours}`), recordings.get(`${recorded}${suffix}`)];
    if (found === undefined || expected === undefined) continue;
    compare.close(`${ours}${suffix}`, found, expected, how);
  }
  const [found = Number.NaN] = toFloat64(resultAt(results, 'value'));
  compare.scalar(loss, found, number(object(golden.config['loss_variants'])[loss]), limits.loss);
};

/** Everything recorded of a policy with adapters, on every backend. */
export const testAdapted = <R>(golden: GoldenCase, policyOf: PolicyOf<R>): void => {
  const policy = policyOf(undefined);
  it('has the parameters of openpi', () => testParameters(golden, policy));
  it('freezes and rounds what openpi does', () => testFrozen(golden, policy));
  describeBackends(scoresOf(golden.config, policy.tokens), (open) => {
    const give = giving(open, policyOf);
    for (const variant of variants) {
      it(`agrees in the forward pass ${variant.name}`, () => testOutputs(open, golden, policy, give, variant));
      if (golden.file(variant.grads ?? '').size === 0) continue;
      it(`agrees in every gradient ${variant.name}`, () => testGradients(open, golden, policy, give, variant));
    }
    // The reference takes too long for several steps; its gradients are compared above.
    if (golden.file('train').size > 0 && open.name !== 'reference')
      it('agrees in every training step', () => testTraining(open, golden, policyOf('bf16')));
  });
};
