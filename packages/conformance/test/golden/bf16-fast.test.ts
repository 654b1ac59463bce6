import type { Pi0FastConfig } from '@torsor/models';
import { convert, type DType, type Expr, TensorValue, tensorType, toFloat64 } from '@torsor/tensor';
import { map } from '@torsor/tree';
import { expect, it } from 'vitest';
import { describeBackends, type OpenBackend, roundingReference } from './models/backends.js';
import { describeCases, type GoldenCase } from './models/cases.js';
import { comparing, type HowClose, type Keep, limits } from './models/compare.js';
import { scoresOf } from './models/config.js';
import { fastConfigOf, fastForward, fastInputsOf } from './models/fast.js';
import { fastLimits, ofPredicting, tokensOf } from './models/fast-suite.js';
import { isLora, isNarrow } from './models/kinds.js';
import { differenceOf, isNarrowNumber, roundingOf, type Variant } from './models/narrow.js';
import { type Results, resultAt, runWith } from './models/running.js';
import { numbersOf, stored } from './tensors.js';

/*
 * π0-FAST with the transformer and the tower in bfloat16. Two right answers differ as openpi's own do, so the bounds come
 * from its recordings; that values are narrow where openpi's are is checked besides.
 */

const dtypesOf: Readonly<Record<Exclude<Variant, 'bf16_op_by_op'>, { param: DType; compute: DType }>> = {
  f32: { param: 'f32', compute: 'f32' },
  bf16: { param: 'f32', compute: 'bf16' },
  bf16_params: { param: 'bf16', compute: 'bf16' },
};
type Recorded = keyof typeof dtypesOf;

const configOf = (golden: GoldenCase, variant: Recorded): Pi0FastConfig => {
  const { param, compute } = dtypesOf[variant];
  return { ...fastConfigOf(golden.config), paramDtype: param, computeDtype: compute };
};

/** Everything is answered in float32, which holds every bfloat16. */
const forward = (open: OpenBackend, golden: GoldenCase, config: Pi0FastConfig): Promise<Results> =>
  runWith(open, fastInputsOf(golden), ({ params, observation }) => {
    const stored = map<Expr, Expr>(params, (x) => convert(x, config.paramDtype));
    const outputs = fastForward(config, { params: stored, observation });
    return map<Expr, Expr>(outputs, (x) => convert(x, 'f32')) as Record<string, Expr>;
  });

const names = ['prompt_emb', 'siglip_tokens_cam0_b0', 'pre_logits', 'logits', 'token_logp', 'loss_per_b', 'loss'];
const ofTokens: ReadonlySet<string> = new Set(['pre_logits', 'logits', 'token_logp']);

const exactly = (name: string): HowClose => {
  if (name.startsWith('loss')) return { kind: 'loss', limit: limits.loss };
  return name === 'logits' || name === 'token_logp' ? { limit: fastLimits.logits, absolute: true } : {};
};

/** As many of the first elements as were recorded. */
const first = ({ data }: TensorValue, shape: readonly number[]): TensorValue => {
  const length = shape.reduce((a, b) => a * b, 1);
  return new TensorValue(tensorType('f32', shape), Float32Array.from(data.subarray(0, length)));
};

const everything: Keep = () => true;

const testVariant = async (open: OpenBackend, golden: GoldenCase, variant: Recorded): Promise<Results> => {
  const [inputs, outputs] = [golden.shared('inputs', 'inputs'), golden.file('outputs')];
  const results = await forward(open, golden, configOf(golden, variant));
  const compare = comparing(golden.group, open.name);
  for (const name of names) {
    const at = `${variant}/${name}`;
    const expected = outputs.get(at);
    if (expected === undefined) continue;
    const actual = first(resultAt(results, name.replace(/_b0$/, '')), expected.shape);
    const keep = ofTokens.has(name) ? ofPredicting(inputs, outputs, at) : everything;
    const allowed = variant === 'f32' ? undefined : roundingOf(outputs, name, keep);
    const { kind = 'forward', ...how } = exactly(name);
    if (allowed === undefined) compare.close(at, actual, expected, { kind, ...how, keep });
    else {
      compare.close(at, actual, expected, { kind, limit: allowed.max, absolute: true, keep });
      const kept = (values: readonly number[]): readonly number[] => values.filter((_, i) => keep(i));
      const { rms } = differenceOf(kept(Array.from(toFloat64(actual))), kept(numbersOf(expected)));
      expect(rms, `${at}: root mean square`).toBeLessThanOrEqual(allowed.rms);
    }
  }
  return results;
};

/** Values are narrow where openpi's are, and differ from float32 about as much as openpi's do. */
const testNarrowness = (golden: GoldenCase, results: Results): void => {
  const outputs = golden.file('outputs');
  const narrow = (name: string): boolean => Array.from(resultAt(results, name).data).every(isNarrowNumber);
  for (const name of ['pre_logits', 'prompt_emb', 'keys', 'values'])
    expect(narrow(name), `${name} is in bfloat16`).toBe(true);
  expect(narrow('logits'), 'logits are in bfloat16').toBe(false);
  const keep = ofPredicting(golden.shared('inputs', 'inputs'), outputs, 'f32/logits');
  const kept = (values: readonly number[]): readonly number[] => values.filter((_, i) => keep(i));
  const f32 = kept(numbersOf(stored(outputs, 'f32/logits')));
  const own = differenceOf(kept(Array.from(toFloat64(resultAt(results, 'logits')))), f32).rms;
  const openpi = differenceOf(kept(numbersOf(stored(outputs, 'bf16/logits'))), f32).rms;
  expect(own, 'rms of the logits against float32').toBeGreaterThan(0.3 * openpi);
  expect(own, 'rms of the logits against float32').toBeLessThan(3 * openpi);
};

const testNarrow = (golden: GoldenCase): void => {
  const outputs = golden.file('outputs');
  const without = 'it has no bfloat16';
  describeBackends(
    scoresOf(golden.config, tokensOf(golden)),
    (open) => {
      for (const variant of ['f32', 'bf16_params'] as const) {
        if (!outputs.has(`${variant}/logits`)) continue;
        it(`agrees in the forward pass, ${variant}`, async () => void (await testVariant(open, golden, variant)));
      }
      it('agrees in the forward pass, bf16, and rounds where openpi does', async () =>
        testNarrowness(golden, await testVariant(open, golden, 'bf16')));
    },
    { skip: { wasm: without, 'tfjs-node': without, 'tfjs-node-gpu': without }, narrow: true },
  );
  it('agrees on the reference that rounds every result to its dtype', async () =>
    void (await testVariant(roundingReference, golden, 'bf16')));
};

describeCases(
  'π0-FAST in bfloat16',
  (config) => config['kind'] === 'pi0_fast' && isNarrow(config) && !isLora(config),
  testNarrow,
);
