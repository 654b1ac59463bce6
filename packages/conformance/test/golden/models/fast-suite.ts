import { pi0FastParamTypes } from '@torsor/models';
import { toFloat64 } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import { expect, it } from 'vitest';
import { numbersOf, type Stored, stored } from '../tensors.js';
import { describeBackends, type OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { type Comparisons, comparing, type HowClose, type Keep, limits } from './compare.js';
import { scoresOf } from './config.js';
import { fastConfigOf, fastForward, fastGradient, fastInputsOf } from './fast.js';
import { samplesOf, testSample } from './fast-sampling.js';
import { layerOf, ofValidTokens, sizeOfShape, testMasks } from './flow-suite.js';
import { type Results, resultAt, runWith } from './running.js';

/** The limits that the golden README suggests for logits, absolute, and for gradients. */
export const fastLimits = { logits: 5e-4, gradient: 1e-3 } as const;

const close: Readonly<Record<string, HowClose>> = {
  prompt_emb: {},
  image_emb_last_cam: {},
  loss_per_b: { kind: 'loss', limit: limits.loss },
  loss: { kind: 'loss', limit: limits.loss },
};

/** What is not defined where a token is padding: it sees nothing. */
const ofTokens: Readonly<Record<string, HowClose>> = {
  pre_logits: {},
  logits: { limit: fastLimits.logits, absolute: true },
  token_logp: { limit: fastLimits.logits, absolute: true },
};

const exact = ['input_mask', 'ar_mask', 'attn_mask_row_sums'];

/** All rows of `[b, s]` but their last elements. */
const withoutLast = (values: readonly number[], length: number): readonly number[] =>
  values.filter((_, i) => i % length !== length - 1);

/** Whether an element belongs to a token that is followed by one and is no padding. */
export const ofPredicting = (inputs: Stored, expected: Stored, name: string): Keep => {
  const mask = stored(inputs, 'tokenized_prompt_mask');
  const valid = withoutLast(numbersOf(mask), mask.shape[1] ?? 1);
  return ofValidTokens(valid, sizeOfShape(stored(expected, name)));
};

const testCache = (compare: Comparisons, results: Results, outputs: Stored): void => {
  const mask = resultAt(results, 'input_mask');
  const valid = withoutLast(Array.from(mask.data), mask.type.shape[1] ?? 1);
  for (const [name, expected] of outputs) {
    const [, kind, layer] = /^kv_([kv])_layer(\d+)$/.exec(name) ?? [];
    if (kind === undefined || layer === undefined) continue;
    const actual = layerOf(resultAt(results, kind === 'k' ? 'keys' : 'values'), Number(layer), expected);
    compare.close(name, actual, expected, { keep: ofValidTokens(valid, sizeOfShape(expected)) });
  }
};

const testForward = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const config = fastConfigOf(golden.config);
  const outputs = golden.file('outputs');
  const inputs = golden.shared('inputs', 'inputs');
  const compare = comparing(golden.group, open.name);
  const results = await runWith(open, fastInputsOf(golden), (given) => fastForward(config, given));
  for (const [name, how] of Object.entries(close)) {
    if (outputs.has(name)) compare.close(name, resultAt(results, name), stored(outputs, name), how);
  }
  for (const [name, how] of Object.entries(ofTokens)) {
    if (!outputs.has(name)) continue;
    const keep = ofPredicting(inputs, outputs, name);
    compare.close(name, resultAt(results, name), stored(outputs, name), { ...how, keep });
  }
  const pieces = 'loss_per_b piece by piece';
  compare.close(pieces, resultAt(results, pieces), stored(outputs, 'loss_per_b'), { kind: 'loss', limit: limits.loss });
  for (const [name, expected] of outputs) {
    if (name.startsWith('siglip_tokens_cam')) compare.close(name, resultAt(results, name), expected);
  }
  testMasks(compare, results, outputs, exact);
  testCache(compare, results, outputs);
};

const testGradients = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const config = fastConfigOf(golden.config);
  const compare = comparing(golden.group, open.name);
  const results = await runWith(open, fastInputsOf(golden), (inputs) => fastGradient(config, inputs));
  const [loss = Number.NaN] = toFloat64(resultAt(results, 'value'));
  const [expected = Number.NaN] = numbersOf(stored(golden.file('outputs'), 'loss'));
  compare.scalar('loss with its gradient', loss, expected, limits.loss);
  for (const [name, gradient] of golden.file('grads')) {
    compare.gradient(name, resultAt(results, `grads/${name}`), gradient, fastLimits.gradient);
  }
};

const testParameters = (golden: GoldenCase): void => {
  const expected = [...golden.file('params')].map(([name, { shape }]) => [name, shape]);
  const found = flatten(pi0FastParamTypes(fastConfigOf(golden.config))).map(({ path, leaf }) => [path, leaf.shape]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
};

/** Tokens of cameras and sequence. */
export const tokensOf = ({ config }: GoldenCase): number => {
  const { cameras, imageSize, siglip, maxTokenLen } = fastConfigOf(config);
  const [height, width] = imageSize;
  return cameras.length * (height / siglip.patchSize) * (width / siglip.patchSize) + maxTokenLen;
};

/** Everything recorded of a π0-FAST policy, on every backend. */
export const testFast = (golden: GoldenCase): void => {
  it('has the parameters of openpi', () => testParameters(golden));
  describeBackends(scoresOf(golden.config, tokensOf(golden)), (open) => {
    it('agrees in the forward pass', () => testForward(open, golden));
    if (golden.file('grads').size > 0) it('agrees in the loss and every gradient', () => testGradients(open, golden));
    for (const sample of samplesOf(golden)) {
      it(`agrees in decoded tokens and their logits: ${sample}`, () => testSample(open, golden, sample));
    }
  });
};
