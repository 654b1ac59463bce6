import {
  alignRight,
  type DecodeOptions,
  embedInputs,
  type Observation,
  type Pi0FastConfig,
  pi0FastParamTypes,
  prefillProgram,
  stepsProgram,
} from '@torsor/models';
import { positionsOf } from '@torsor/nn';
import {
  convert,
  fromFloat64,
  reduceSum,
  showShapeError,
  sub,
  type TensorValue,
  tensorType,
  toFloat64,
  withType,
} from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { numbersOf, type Stored, stored, valueAt } from '../tensors.js';
import type { OpenBackend } from './backends.js';
import type { GoldenCase } from './cases.js';
import { type Comparisons, comparing } from './compare.js';
import { fastConfigOf, fastInputsOf } from './fast.js';
import { type Decoded, decodeOn } from './fast-driver.js';
import { resultAt, runWith } from './running.js';

/** The names of the recorded decodings, such as `sample`. */
export const samplesOf = (golden: GoldenCase): readonly string[] =>
  [...golden.file('outputs').keys()].flatMap((name) => /^(sample[^/]*)\/tokens$/.exec(name)?.[1] ?? []);

/** What a decoding was given. */
type SampleInputs = {
  readonly params: Tree<TensorValue>;
  readonly observation: Observation<TensorValue>;
};

/** The table with another row for the end of sequence, which some decodings have. */
const withEosRow = (params: Tree<TensorValue>, row: readonly number[]): Tree<TensorValue> =>
  map<TensorValue, TensorValue>(params, (value, path) => {
    if (!path.endsWith('embedder/input_embedding')) return value;
    const table = Array.from(toFloat64(value));
    table.splice(row.length, row.length, ...row);
    return fromFloat64(value.type, table);
  });

/** Only the decoding named `sample` has the recorded masks of its cameras; the others see every camera. */
const sampleInputsOf = (golden: GoldenCase, sample: string): SampleInputs => {
  const { params, observation } = fastInputsOf(golden);
  const { tokenArMask: _ar, tokenLossMask: _loss, ...seen } = observation;
  const inputs = golden.file('inputs');
  const row = golden.file('outputs').get(`${sample}/embedding_row1`);
  const allPresent = map<TensorValue, TensorValue>(seen.imageMasks, ({ type, data }) =>
    fromFloat64(
      type,
      Array.from(data, () => 1),
    ),
  ) as Observation<TensorValue>['imageMasks'];
  return {
    params: row === undefined ? params : withEosRow(params, numbersOf(row)),
    observation: {
      ...seen,
      imageMasks: sample === 'sample' ? seen.imageMasks : allPresent,
      tokenizedPrompt: valueAt(inputs, 'sample/tokenized_prompt'),
      tokenizedPromptMask: valueAt(inputs, 'sample/tokenized_prompt_mask'),
    },
  };
};

/** Two tokens this close in logits may change places by rounding. */
const tieMargin = 2e-3;
const logitsLimit = 5e-4;

/** Per sample, the number of steps before the first token that differs where the recorded margin is a tie. */
const agreedSteps = (decoded: Decoded, outputs: Stored, sample: string): readonly number[] => {
  const tokens = stored(outputs, `${sample}/tokens`);
  const margin = outputs.get(`${sample}/margin`);
  const [b = 0, steps = 0] = tokens.shape;
  const made = margin?.shape[1] ?? steps;
  const [wanted, margins] = [numbersOf(tokens), margin === undefined ? [] : numbersOf(margin)];
  return Array.from({ length: b }, (_, i) => {
    const row = wanted.slice(i * steps, (i + 1) * steps);
    const at = row.findIndex((token, s) => token !== decoded.tokens[i * steps + s]);
    return at === -1 || (margins[i * made + at] ?? Number.POSITIVE_INFINITY) >= tieMargin ? steps : at;
  });
};

const testTokens = (compare: Comparisons, decoded: Decoded, outputs: Stored, sample: string): void => {
  const tokens = stored(outputs, `${sample}/tokens`);
  const [, steps = 0] = tokens.shape;
  const agreed = agreedSteps(decoded, outputs, sample);
  const kept = (values: readonly number[]): readonly number[] =>
    values.filter((_, i) => i % steps < (agreed[Math.floor(i / steps)] ?? 0));
  compare.same(`${sample}/tokens`, kept(decoded.tokens), kept(numbersOf(tokens)));
  const logits = outputs.get(`${sample}/logits`);
  if (logits === undefined) return;
  const [b = 0, , v = 0] = logits.shape;
  const found = new Float64Array(b * steps * v).fill(Number.NaN);
  decoded.logits.forEach((row, s) => {
    for (let i = 0; i < b; i++) found.set(row.slice(i * v, (i + 1) * v), (i * steps + s) * v);
  });
  // The logits after the first exchanged token follow another sequence.
  const keep = (i: number): boolean =>
    Math.floor(i / v) % steps <= (agreed[Math.floor(i / (steps * v))] ?? 0) &&
    Math.floor(i / v) % steps < decoded.logits.length;
  compare.close(`${sample}/logits`, fromFloat64(tensorType('f64', logits.shape), found), logits, {
    kind: 'tokens',
    limit: logitsLimit,
    absolute: true,
    keep,
  });
};

/** What openpi makes of the prefix before it decodes. */
const testAlignment = async (
  open: OpenBackend,
  config: Pi0FastConfig,
  inputs: SampleInputs,
  compare: Comparisons,
  outputs: Stored,
  sample: string,
): Promise<void> => {
  const results = await runWith(open, inputs, ({ params, observation }) => {
    const { mask } = alignRight(embedInputs(config, params, observation));
    const length = reduceSum(convert(mask, 'i32'), [1]);
    return {
      aligned_mask: mask,
      positions: positionsOf(mask),
      prefill_len: length,
      prefix_start: withType(mask, ({ shape }) => sub(shape[1] ?? 0, length)),
    };
  });
  for (const name of ['aligned_mask', 'positions', 'prefill_len', 'prefix_start']) {
    const expected = outputs.get(`${sample}/${name}`);
    if (expected === undefined) continue;
    compare.same(`${sample}/${name}`, Array.from(toFloat64(resultAt(results, name))), numbersOf(expected));
  }
};

const orFail = <A>(built: E.Either<Parameters<typeof showShapeError>[0], A>): A => {
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  return built.right;
};

/** A recorded decoding of openpi, step by step with donated states. */
export const testSample = async (open: OpenBackend, golden: GoldenCase, sample: string): Promise<void> => {
  const outputs = golden.file('outputs');
  const inputs = sampleInputsOf(golden, sample);
  const [batch = 0, steps = 0] = stored(outputs, `${sample}/tokens`).shape;
  const config = { ...fastConfigOf(golden.config), maxTokenLen: inputs.observation.tokenizedPrompt.type.shape[1] ?? 0 };
  const options: DecodeOptions = { decoding: 'openpi', maxDecodingSteps: steps };
  const params = pi0FastParamTypes(config);
  const programs = {
    prefill: orFail(prefillProgram(config, params, batch, options)),
    step: orFail(stepsProgram(config, params, batch, 1, options)),
  };
  const compare = comparing(golden.group, open.name);
  testTokens(
    compare,
    await decodeOn(await open.backend(), programs, inputs.params, inputs.observation),
    outputs,
    sample,
  );
  await testAlignment(open, config, inputs, compare, outputs, sample);
};
