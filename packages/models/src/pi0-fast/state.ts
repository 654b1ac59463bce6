import { type DType, type Expr, type TensorType, tensorType } from '@torsor/tensor';
import { gridOf } from '../siglip/patches.js';
import type { Pi0FastConfig } from './config.js';
import { logitsDType } from './logits.js';

/** The end of a sequence. @source openpi `models/pi0_fast.py` `PALIGEMMA_EOS_TOKEN` (15a9616) */
export const eosToken = 1;

/**
 * How tokens are decoded.
 *
 * `consistent`: the logits are those of training, given the tokens so far; each sample ends at its own end of sequence.
 *
 * `openpi`: as openpi decodes, which released checkpoints were evaluated with. The sequence is rolled to the right, one
 * position is skipped before the first token, the window of visible keys takes masked cameras in the middle for valid and
 * cuts as many valid tokens off, and decoding ends when all samples give an end of sequence at once.
 */
export type Decoding = 'consistent' | 'openpi';

/** How far and how tokens are decoded. */
export type DecodeOptions = {
  /** `consistent` when absent. */
  readonly decoding?: Decoding;
  /** The most tokens of a sample, the end of sequence included; openpi takes 256. */
  readonly maxDecodingSteps: number;
  /** 0, when absent, takes the most likely token; above 0, one is drawn from softmax(logits / temperature). */
  readonly temperature?: number;
};

/** Where decoding stands: what a program takes and gives back, so that its buffers can be donated. */
export type DecodeState<A = Expr> = {
  /** `[depth, b, m + s, k, e]` in the compute dtype: m slots for the tokens to come, then the prefix. */
  readonly keys: A;
  /** Like `keys`. */
  readonly values: A;
  /** `bool[b, s]`, which tokens of the prefix are seen. */
  readonly visible: A;
  /** `i32[b]`, the position of the first decoded token. */
  readonly position: A;
  /** `[b, v]`, of the next token. */
  readonly logits: A;
  /** `i32[]`, the number of steps so far. */
  readonly step: A;
  /** `i32[b, m]`, the tokens so far, then 0. */
  readonly tokens: A;
  /** `i32[b]`, the number of tokens so far, the end of sequence included. */
  readonly lengths: A;
  /** `bool[b]`, false after the last token of a sample; decoding is over when none is true. */
  readonly active: A;
};

/** s, the number of tokens of the cameras and of the tokenizer. */
const prefixLength = ({ cameras, imageSize, siglip, maxTokenLen }: Pi0FastConfig): number => {
  if (cameras.length === 0) return maxTokenLen;
  const [rows, columns] = gridOf(imageSize, siglip.patchSize);
  return cameras.length * rows * columns + maxTokenLen;
};

/**
 * The types of a state of decoding for `batch` samples.
 *
 * @param tableDtype - of the embedding table, where it is stored in another dtype than `paramDtype`.
 */
export const decodeStateTypes = (
  config: Pi0FastConfig,
  batch: number,
  { maxDecodingSteps: m }: DecodeOptions,
  tableDtype: DType = config.paramDtype,
): DecodeState<TensorType> => {
  const { depth, numKvHeads, headDim } = config.paligemma;
  const length = prefixLength(config);
  const cache = tensorType(config.computeDtype, [depth, batch, m + length, numKvHeads, headDim]);
  return {
    keys: cache,
    values: cache,
    visible: tensorType('bool', [batch, length]),
    position: tensorType('i32', [batch]),
    logits: tensorType(logitsDType(config.computeDtype, tableDtype), [batch, config.vocabSize]),
    step: tensorType('i32', []),
    tokens: tensorType('i32', [batch, m]),
    lengths: tensorType('i32', [batch]),
    active: tensorType('bool', [batch]),
  };
};
