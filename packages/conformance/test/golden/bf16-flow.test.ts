import type { Pi0Config } from '@torsor/models';
import { convert, type DType, type Expr, type TensorValue, toFloat64 } from '@torsor/tensor';
import { map } from '@torsor/tree';
import { expect, it } from 'vitest';
import { describeBackends, type OpenBackend } from './models/backends.js';
import { describeCases, type GoldenCase } from './models/cases.js';
import { comparing, limits } from './models/compare.js';
import {
  type FlowExprs,
  flowConfigOf,
  flowForward,
  flowInputsOf,
  flowSample,
  flowScoresOf,
  stepsOf,
} from './models/flow.js';
import { isLora, isNarrow } from './models/kinds.js';
import { differenceOf, isNarrowNumber, roundingOf, type Variant } from './models/narrow.js';
import { type Results, resultAt, runWith } from './models/running.js';
import { numbersOf, type Stored, stored } from './tensors.js';

/*
 * π0 and π0.5 with the transformer and the tower in bfloat16. Two right answers differ as openpi's own do, so the bounds
 * come from its recordings; that values are narrow where openpi's are is checked besides.
 */

const dtypesOf: Readonly<Record<Exclude<Variant, 'bf16_op_by_op'>, { param: DType; compute: DType }>> = {
  f32: { param: 'f32', compute: 'f32' },
  bf16: { param: 'f32', compute: 'bf16' },
  bf16_params: { param: 'bf16', compute: 'bf16' },
};

/** The layers run as a loop, which compiles faster than layers written out; the float32 tests do those. */
const configOf = (golden: GoldenCase, variant: keyof typeof dtypesOf): Pi0Config => {
  const { param, compute } = dtypesOf[variant];
  return { ...flowConfigOf(golden.config), paramDtype: param, computeDtype: compute, remat: 'carry' };
};

/** The part of a batch of tokens that was recorded. */
const firstSample = (value: TensorValue, length: number): TensorValue =>
  ({ type: value.type, data: value.data.subarray(0, length) }) as TensorValue;

/** The arrays that openpi recorded, by its names; the prompt is the end of the prefix. */
const recordedOf = (config: Pi0Config, results: Results): ReadonlyMap<string, TensorValue> => {
  const prefix = resultAt(results, 'prefix_emb');
  const [b = 0, p = 0, d = 0] = prefix.type.shape;
  const start = (p - config.maxTokenLen) * d;
  const rows = Array.from({ length: b }, (_, i) =>
    Array.from(prefix.data.subarray(i * p * d + start, (i + 1) * p * d)),
  );
  const named = ['v_t', 'loss_per_bh', 'loss', 'suffix_out', 'suffix_emb'].map(
    (name) => [name, resultAt(results, name)] as const,
  );
  return new Map<string, TensorValue>([
    ...named,
    ['prompt_emb', { type: prefix.type, data: Float32Array.from(rows.flat()) } as TensorValue],
    ['siglip_tokens_cam0_b0', resultAt(results, 'siglip_tokens_cam0')],
  ]);
};

/** Everything is answered in float32, which holds every bfloat16. */
const wide = (outputs: Record<string, Expr>): Record<string, Expr> =>
  map<Expr, Expr>(outputs, (x) => convert(x, 'f32')) as Record<string, Expr>;

const inParamDtype = (config: Pi0Config, inputs: FlowExprs): FlowExprs => ({
  ...inputs,
  params: map<Expr, Expr>(inputs.params, (x) => convert(x, config.paramDtype)),
});

/** A forward pass, and a sample from the same prefix. */
const everything = (config: Pi0Config, inputs: FlowExprs, outputs: Stored): Record<string, Expr> => ({
  ...flowForward(config, inputs),
  sample_actions: flowSample(config, inputs, stepsOf(outputs)),
});

const done = new Map<string, Promise<Results>>();

/** Everything of a variant; each is computed once, for all tests that look at it. */
const forward = (
  { name, backend }: OpenBackend,
  golden: GoldenCase,
  variant: keyof typeof dtypesOf,
): Promise<Results> => {
  const key = [golden.group, name, variant].join(' ');
  const config = configOf(golden, variant);
  const results =
    done.get(key) ??
    runWith({ name, backend }, flowInputsOf(golden), (inputs) =>
      wide(everything(config, inParamDtype(config, inputs), golden.file('outputs'))),
    );
  done.set(key, results);
  return results;
};

const testVariant = async (open: OpenBackend, golden: GoldenCase, variant: keyof typeof dtypesOf): Promise<void> => {
  const config = configOf(golden, variant);
  const outputs = golden.file('outputs');
  const compare = comparing(golden.group, open.name);
  for (const [name, value] of recordedOf(config, await forward(open, golden, variant))) {
    const expected = outputs.get(`${variant}/${name}`);
    if (expected === undefined) continue;
    const actual = firstSample(
      value,
      expected.shape.reduce((a, b) => a * b, 1),
    );
    const kind = name.startsWith('loss') ? 'loss' : 'forward';
    const allowed = variant === 'f32' || name === 'suffix_emb' ? undefined : roundingOf(outputs, name);
    if (allowed === undefined) compare.close(`${variant}/${name}`, actual, expected, { kind, limit: limits.forward });
    else {
      compare.close(`${variant}/${name}`, actual, expected, { kind, limit: allowed.max, absolute: true });
      const { rms } = differenceOf(Array.from(toFloat64(actual)), numbersOf(expected));
      expect(rms, `${variant}/${name}: root mean square`).toBeLessThanOrEqual(allowed.rms);
    }
  }
};

const testNarrowness = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const outputs = golden.file('outputs');
  const results = await forward(open, golden, 'bf16');
  for (const name of ['suffix_out', 'prefix_out', 'siglip_tokens_cam0']) {
    expect(Array.from(resultAt(results, name).data).every(isNarrowNumber), `${name} is in bfloat16`).toBe(true);
  }
  const f32 = numbersOf(stored(outputs, 'f32/v_t'));
  const own = differenceOf(Array.from(toFloat64(resultAt(results, 'v_t'))), f32).rms;
  const openpi = differenceOf(numbersOf(stored(outputs, 'bf16/v_t')), f32).rms;
  expect(own, 'rms of v_t against float32').toBeGreaterThan(0.3 * openpi);
  expect(own, 'rms of v_t against float32').toBeLessThan(3 * openpi);
};

const testSampling = async (open: OpenBackend, golden: GoldenCase, variant: keyof typeof dtypesOf): Promise<void> => {
  const outputs = golden.file('outputs');
  const expected = stored(outputs, `${variant}/sample_actions`);
  const results = await forward(open, golden, variant);
  const allowed = variant === 'f32' ? undefined : roundingOf(outputs, 'sample_actions');
  const how = allowed === undefined ? { limit: limits.forward } : { limit: allowed.max, absolute: true };
  const compare = comparing(golden.group, open.name);
  compare.close(`${variant}/sample_actions`, resultAt(results, 'sample_actions'), expected, {
    kind: 'samples',
    ...how,
  });
};

const hasVariant = (outputs: Stored, variant: string, name: string): boolean => outputs.has(`${variant}/${name}`);

const testNarrow = (golden: GoldenCase): void => {
  const outputs = golden.file('outputs');
  const without = 'it has no bfloat16';
  describeBackends(
    flowScoresOf(golden.config),
    (open) => {
      for (const variant of ['f32', 'bf16', 'bf16_params'] as const) {
        if (hasVariant(outputs, variant, 'v_t')) {
          it(`agrees in the forward pass, ${variant}`, () => testVariant(open, golden, variant));
        }
        if (hasVariant(outputs, variant, 'sample_actions')) {
          it(`agrees in sampled actions, ${variant}`, () => testSampling(open, golden, variant));
        }
      }
      if (hasVariant(outputs, 'bf16', 'v_t') && hasVariant(outputs, 'f32', 'v_t')) {
        it('rounds to bfloat16 where openpi does', () => testNarrowness(open, golden));
      }
    },
    { skip: { wasm: without, 'tfjs-node': without, 'tfjs-node-gpu': without }, narrow: true },
  );
};

const isFlowKind = (config: GoldenCase['config']): boolean => config['kind'] === 'pi0' || config['kind'] === 'pi05';

describeCases(
  'π0 and π0.5 in bfloat16',
  (config) => isFlowKind(config) && isNarrow(config) && !isLora(config),
  testNarrow,
);
