import {
  type ModelKind,
  NdArray,
  type NormStats,
  type RepackStructure,
  type SampleDict,
  type SampleValue,
  type Tokenizers,
  type Transform,
  type VectorStats,
} from '@torsor/data';
import { extractActions, fastSequence, pi0Prompt, pi05Prompt, showTokenizerError } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { number, numbers, object, text } from './json.js';
import { characters, hundredths } from './stub-tokenizers.js';

// The golden file's arrays, transforms and tokenizers as ours.

type JsonObject = Readonly<Record<string, unknown>>;

const dataOf: Readonly<Record<string, (data: readonly unknown[]) => NdArray['data']>> = {
  uint8: (data) => Uint8Array.from(data, Number),
  bool: (data) => Uint8Array.from(data, Number),
  int64: (data) => Int32Array.from(data, Number),
  float32: (data) => Float32Array.from(data, Number),
  float64: (data) => Float64Array.from(data, Number),
};

const isArray = (value: JsonObject): boolean => 'dtype' in value && 'shape' in value && 'data' in value;

const arrayOf = ({ dtype, shape, data }: JsonObject): SampleValue => {
  const items: readonly unknown[] = Array.isArray(data) ? data : [];
  if (dtype === 'str') return text(items[0]);
  const make = dataOf[text(dtype)];
  if (make === undefined) throw new Error(`golden transforms: no dtype ${text(dtype)}`);
  // Only the width of whole numbers differs: numpy's are of 64 bits.
  const known = dtype === 'int64' ? 'int32' : dtype;
  return new NdArray(known as NdArray['dtype'], numbers(shape), make(items));
};

const valueOf = (value: unknown): SampleValue => {
  if (typeof value === 'string') return value;
  return isArray(object(value)) ? arrayOf(object(value)) : dictOf(value);
};

/** A sample of the golden file. */
export const dictOf = (value: unknown): SampleDict =>
  Object.fromEntries(Object.entries(object(value)).map(([key, entry]) => [key, valueOf(entry)]));

const vectorStats = (value: unknown): VectorStats => {
  const { mean, std, q01, q99 } = object(value);
  return { mean: numbers(mean), std: numbers(std), q01: numbers(q01), q99: numbers(q99) };
};

/** Statistics of the golden file. */
export const statsOf = (value: unknown): NormStats => ({
  state: vectorStats(object(value)['state']),
  actions: vectorStats(object(value)['actions']),
});

const mask = (value: unknown): readonly boolean[] | null =>
  Array.isArray(value) ? value.map((item) => item === true) : null;

/** openpi's names of the families. */
const modelKinds = new Map<unknown, ModelKind>([
  ['pi0', 'pi0'],
  ['pi05', 'pi05'],
  ['pi0_fast', 'pi0-fast'],
]);

/** The family that the golden file names. */
export const modelKindOf = (value: unknown): ModelKind => {
  const kind = modelKinds.get(value);
  if (kind === undefined) throw new Error(`golden transforms: no model ${String(value)}`);
  return kind;
};

const modeOf = (golden: JsonObject) => (golden['use_quantiles'] === true ? 'quantile' : 'mean_std');

type Read = (golden: JsonObject, stats: NormStats | undefined) => Transform;

const known = (stats: NormStats | undefined): NormStats => {
  if (stats === undefined) throw new Error('golden transforms: no statistics');
  return stats;
};

const readers: { readonly [Kind in Transform['kind']]: Read } = {
  RepackTransform: (g) => ({ kind: 'RepackTransform', structure: g['structure'] as RepackStructure }),
  InjectDefaultPrompt: (g) => ({
    kind: 'InjectDefaultPrompt',
    prompt: typeof g['prompt'] === 'string' ? g['prompt'] : null,
  }),
  PromptFromLeRobotTask: (g) => ({
    kind: 'PromptFromLeRobotTask',
    tasks: Object.fromEntries(Object.entries(object(g['tasks'])).map(([key, task]) => [key, text(task)])),
  }),
  AlohaInputs: (g) => ({ kind: 'AlohaInputs', adaptToPi: g['adapt_to_pi'] === true }),
  AlohaOutputs: (g) => ({ kind: 'AlohaOutputs', adaptToPi: g['adapt_to_pi'] === true }),
  // Parts of the two above, which are golden.
  AlohaToPi: () => ({ kind: 'AlohaToPi', key: 'state' }),
  AlohaFromPi: () => ({ kind: 'AlohaFromPi' }),
  LiberoInputs: (g) => ({ kind: 'LiberoInputs', model: modelKindOf(g['model_type']) }),
  LiberoOutputs: () => ({ kind: 'LiberoOutputs' }),
  DroidInputs: (g) => ({ kind: 'DroidInputs', model: modelKindOf(g['model_type']) }),
  DroidOutputs: () => ({ kind: 'DroidOutputs' }),
  DeltaActions: (g) => ({ kind: 'DeltaActions', mask: mask(g['mask']) }),
  AbsoluteActions: (g) => ({ kind: 'AbsoluteActions', mask: mask(g['mask']) }),
  // None of openpi's own: the golden file has none either.
  SliceActions: (g) => ({ kind: 'SliceActions', actionDim: number(g['action_dim']) }),
  SubsampleActions: (g) => ({ kind: 'SubsampleActions', stride: number(g['stride']) }),
  Normalize: (g, stats) => ({ kind: 'Normalize', stats: known(stats), mode: modeOf(g) }),
  Unnormalize: (g, stats) => ({ kind: 'Unnormalize', stats: known(stats), mode: modeOf(g) }),
  ResizeImages: (g) => ({ kind: 'ResizeImages', height: number(g['height']), width: number(g['width']) }),
  TokenizePrompt: (g) => ({ kind: 'TokenizePrompt', discreteStateInput: g['discrete_state_input'] === true }),
  TokenizeFASTInputs: () => ({ kind: 'TokenizeFASTInputs' }),
  ExtractFASTActions: (g) => ({
    kind: 'ExtractFASTActions',
    actionHorizon: number(g['action_horizon']),
    actionDim: number(g['action_dim']),
  }),
  PadStatesAndActions: (g) => ({ kind: 'PadStatesAndActions', modelActionDim: number(g['model_action_dim']) }),
};

/** A transform of the golden file. */
export const transformOf = (golden: JsonObject, stats?: NormStats): Transform => {
  const read = (readers as Readonly<Record<string, Read | undefined>>)[text(golden['op'])];
  if (read === undefined) throw new Error(`golden transforms: no transform ${text(golden['op'])}`);
  return read(golden, stats);
};

/** How long the sequences of a golden transform are: 0 for one without a tokenizer. */
export const maxTokenLenOf = (golden: JsonObject): number => {
  const tokenizer = golden['tokenizer'];
  return Number((tokenizer === undefined ? golden : object(tokenizer))['max_len'] ?? 0);
};

const asText = E.mapLeft(showTokenizerError);

/** The tokenizers of this project over the golden file's stubs; sequences are cut as openpi cuts them. */
export const stubTokenizers = (alphabet: string, maxTokenLen: number): Tokenizers => {
  const text = characters(alphabet);
  const options = { maxTokenLen, onTooLong: 'truncate' } as const;
  return {
    prompt: ({ task, state }) =>
      asText(state === null ? pi0Prompt(text, options)(task) : pi05Prompt(text, options)({ task, state })),
    fast: ({ task, state, actions }) =>
      asText(fastSequence(text, hundredths, options)({ task, state, ...(actions === null ? {} : { actions }) })),
    extractActions: (tokens, shape) => asText(extractActions(text, hundredths, shape)(tokens)),
  };
};
