import type { SafetensorsTensor } from '@torsor/checkpoint';
import { paramTypes } from '@torsor/models';
import { type TensorValue, tensorValue, toFloat64 } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { number } from '../json.js';
import { numbersOf, type Stored, stored } from '../tensors.js';
import { describeBackends, type OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { type Comparisons, comparing, type HowClose, type Keep, limits } from './compare.js';
import { flowConfigOf, flowForward, flowGradient, flowInputsOf, flowSample, flowScoresOf, stepsOf } from './flow.js';
import { type Results, resultAt, runWith } from './running.js';

export const sizeOfShape = ({ shape }: SafetensorsTensor): number => shape.reduce((a, b) => a * b, 1);

/** Whether an element of `[b, s, …]` belongs to a token that `mask` calls valid. */
export const ofValidTokens = (mask: readonly number[], elements: number): Keep => {
  const perToken = elements / mask.length;
  return (i) => mask[Math.floor(i / perToken)] === 1;
};

/** The masks of prefix and suffix, joined per sample. */
const jointMask = (results: Results): readonly number[] => {
  const [prefix, suffix] = [resultAt(results, 'prefix_mask'), resultAt(results, 'suffix_mask')];
  const [b = 0, p = 0] = prefix.type.shape;
  const [, s = 0] = suffix.type.shape;
  return Array.from({ length: b }, (_, i) => [
    ...prefix.data.subarray(i * p, (i + 1) * p),
    ...suffix.data.subarray(i * s, (i + 1) * s),
  ]).flat();
};

/** A layer of stacked keys or values. */
export const layerOf = (stacked: TensorValue, layer: number, { shape }: SafetensorsTensor): TensorValue => {
  const size = shape.reduce((a, b) => a * b, 1);
  const value = tensorValue('f32', shape, Float32Array.from(stacked.data.subarray(layer * size, (layer + 1) * size)));
  if (E.isLeft(value)) throw new Error(`the cache has no layer ${layer} of shape ${shape.join(', ')}`);
  return value.right;
};

const testCache = (compare: Comparisons, results: Results, outputs: Stored): void => {
  const valid = jointMask(results);
  for (const [name, expected] of outputs) {
    const [, kind, layer] = /^kv_([kv])_layer(\d+)$/.exec(name) ?? [];
    if (kind === undefined || layer === undefined) continue;
    const actual = layerOf(resultAt(results, kind === 'k' ? 'keys' : 'values'), Number(layer), expected);
    compare.close(name, actual, expected, { keep: ofValidTokens(valid, sizeOfShape(expected)) });
  }
};

/** Bits from bytes as numpy packs them along the last axis: the first bit is the highest. */
const unpacked = (packed: SafetensorsTensor, width: number): readonly number[] => {
  const bytes = numbersOf(packed);
  const perRow = packed.shape[packed.shape.length - 1] ?? 1;
  return Array.from({ length: (bytes.length / perRow) * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return ((bytes[row * perRow + Math.floor(column / 8)] ?? 0) >> (7 - (column % 8))) & 1;
  });
};

const exact = ['positions', 'prefix_mask', 'suffix_mask', 'attn_mask_row_sums'];

/** Compares the arrays named `exact` and the packed mask of attention, where they were recorded, element by element. */
export const testMasks = (compare: Comparisons, results: Results, outputs: Stored, exact: readonly string[]): void => {
  const found = (name: string): readonly number[] => Array.from(toFloat64(resultAt(results, name)));
  for (const name of exact) {
    if (outputs.has(name)) compare.same(name, found(name), numbersOf(stored(outputs, name)));
  }
  const packed = outputs.get('attn_mask_packed');
  if (packed !== undefined) {
    const tokens = resultAt(results, 'attn_mask').type.shape[1] ?? 0;
    compare.same('attn_mask_packed', found('attn_mask'), unpacked(packed, tokens));
  }
};

const close: Readonly<Record<string, HowClose>> = {
  x_t: {},
  u_t: {},
  v_t: {},
  time_emb: { limit: limits.timeEmbedding },
  adarms_cond: {},
  prefix_emb: {},
  suffix_emb: {},
  suffix_out: {},
  loss_per_bh: {},
  loss: { kind: 'loss', limit: limits.loss },
};

/** Without the phase error of the time's embedding: what float32 loses in the rest. */
const givenTimeLimit = 1e-5;

const testForward = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const config = flowConfigOf(golden.config);
  const outputs = golden.file('outputs');
  const compare = comparing(golden.group, open.name);
  const results = await runWith(open, flowInputsOf(golden), (inputs) => flowForward(config, inputs));
  for (const [name, how] of Object.entries(close)) {
    if (outputs.has(name)) compare.close(name, resultAt(results, name), stored(outputs, name), how);
  }
  for (const [name, expected] of outputs) {
    if (name.startsWith('siglip_tokens_cam')) compare.close(name, resultAt(results, name), expected);
  }
  testMasks(compare, results, outputs, exact);
  const prefixOut = outputs.get('prefix_out');
  if (prefixOut !== undefined) {
    const keep = ofValidTokens(Array.from(resultAt(results, 'prefix_mask').data), sizeOfShape(prefixOut));
    compare.close('prefix_out', resultAt(results, 'prefix_out'), prefixOut, { keep });
  }
  const givenTime = results.get('v_t_given_time');
  if (givenTime !== undefined) {
    compare.close('v_t given time_emb', givenTime, stored(outputs, 'v_t'), { limit: givenTimeLimit });
  }
  testCache(compare, results, outputs);
};

const testGradients = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const config = flowConfigOf(golden.config);
  const compare = comparing(golden.group, open.name);
  const results = await runWith(open, flowInputsOf(golden), (inputs) => flowGradient(config, inputs));
  const [loss = Number.NaN] = toFloat64(resultAt(results, 'value'));
  compare.scalar('loss with its gradient', loss, number(golden.config['loss']), limits.loss);
  for (const [name, gradient] of golden.file('grads')) {
    compare.gradient(name, resultAt(results, `grads/${name}`), gradient);
  }
};

const testSampling = async (open: OpenBackend, golden: GoldenCase): Promise<void> => {
  const config = flowConfigOf(golden.config);
  const outputs = golden.file('outputs');
  const results = await runWith(open, flowInputsOf(golden), (inputs) => ({
    actions: flowSample(config, inputs, stepsOf(outputs)),
  }));
  const expected = stored(outputs, 'sample_actions');
  comparing(golden.group, open.name).close('sample_actions', resultAt(results, 'actions'), expected, {
    kind: 'samples',
  });
};

/** Our parameters have openpi's names and shapes. */
const testParameters = (golden: GoldenCase): void => {
  const expected = [...golden.file('params')].map(([name, { shape }]) => [name, shape]);
  const found = flatten(paramTypes(flowConfigOf(golden.config))).map(({ path, leaf }) => [path, leaf.shape]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
};

/** Everything recorded of a π0 or π0.5 policy, on every backend. */
export const testFlow = (golden: GoldenCase): void => {
  const outputs = golden.file('outputs');
  it('has the parameters of openpi', () => testParameters(golden));
  describeBackends(flowScoresOf(golden.config), (open) => {
    it('agrees in the forward pass', () => testForward(open, golden));
    if (golden.file('grads').size > 0) it('agrees in the loss and every gradient', () => testGradients(open, golden));
    if (outputs.has('sample_actions')) it('agrees in sampled actions', () => testSampling(open, golden));
  });
};
