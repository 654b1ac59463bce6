import {
  type ActionTokenizer,
  type FastSequence,
  fastSequence,
  pi0Prompt,
  pi05Prompt,
  type SequenceOptions,
  type TextTokenizer,
  type TokenizerError,
  type TokenSequence,
} from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import type { Normalized } from './model-space.js';

/** What the sequences of `b` samples are made of: their tasks, and states and actions normalized and not padded. */
export type SequenceRows = Normalized & { readonly prompts: readonly string[]; readonly actionHorizon: number };

/** The sequences of a batch. */
export type SequenceTokens = {
  /** `i32[b, l]` */
  readonly tokens: Int32Array;
  /** `bool[b, l]` */
  readonly tokenMask: Uint8Array;
  /** `i32[b, l]`, 1 where a token begins a group that earlier ones do not see; 0 in a prompt. */
  readonly tokenArMask: Int32Array;
  /** `bool[b, l]`, 1 where a token is predicted; 0 in a prompt. */
  readonly tokenLossMask: Uint8Array;
  /** For each sample, the tokens that were cut from its end; 0 unless the run allows it. */
  readonly truncated: readonly number[];
};

/** The sequences of a batch → their tokens. */
export type SequenceEncoder = (rows: SequenceRows) => E.Either<TokenizerError, SequenceTokens>;

type Encoded = E.Either<TokenizerError, TokenSequence | FastSequence>;

const collect =
  (maxTokenLen: number, encode: (rows: SequenceRows, row: number, task: string) => Encoded): SequenceEncoder =>
  (rows) => {
    const size = rows.prompts.length * maxTokenLen;
    const [tokens, tokenMask] = [new Int32Array(size), new Uint8Array(size)];
    const [tokenArMask, tokenLossMask] = [new Int32Array(size), new Uint8Array(size)];
    const truncated: number[] = [];
    for (const [row, task] of rows.prompts.entries()) {
      const encoded = encode(rows, row, task);
      if (E.isLeft(encoded)) return encoded;
      const sequence = encoded.right;
      const at = row * maxTokenLen;
      tokens.set(sequence.tokens, at);
      tokenMask.set(sequence.tokenMask, at);
      if ('tokenArMask' in sequence) {
        tokenArMask.set(sequence.tokenArMask, at);
        tokenLossMask.set(sequence.tokenLossMask, at);
      }
      truncated.push(sequence.truncated);
    }
    return E.right({ tokens, tokenMask, tokenArMask, tokenLossMask, truncated });
  };

const part = (data: ArrayLike<number>, row: number, width: number): Float32Array =>
  Float32Array.from({ length: width }, (_, i) => data[row * width + i] ?? Number.NaN);

const stateOf = ({ state, stateDim }: SequenceRows, row: number): Float32Array => part(state, row, stateDim);

/**
 * π0's prompts; each text is encoded once, for a dataset has few.
 *
 * @errors those of `pi0Prompt`: a prompt longer than `maxTokenLen` is refused unless the options allow a cut.
 */
export const pi0Sequences = (tokenizer: TextTokenizer, options: SequenceOptions): SequenceEncoder => {
  const encode = pi0Prompt(tokenizer, options);
  const known = new Map<string, Encoded>();
  return collect(options.maxTokenLen, (_, __, task) => {
    const found = known.get(task) ?? encode(task);
    known.set(task, found);
    return found;
  });
};

/**
 * π0.5's prompts, which tell the normalized state in bins.
 *
 * @errors those of `pi05Prompt`.
 */
export const pi05Sequences = (tokenizer: TextTokenizer, options: SequenceOptions): SequenceEncoder => {
  const encode = pi05Prompt(tokenizer, options);
  return collect(options.maxTokenLen, (rows, row, task) => encode({ task, state: stateOf(rows, row) }));
};

/**
 * π0-FAST's sequences: a prompt with the state in bins, and the actions as tokens.
 *
 * @param withActions - false for the prompts that actions are decoded from.
 * @errors those of `fastSequence`.
 */
export const fastSequences = (
  tokenizer: TextTokenizer,
  actionTokenizer: ActionTokenizer,
  options: SequenceOptions,
  withActions: boolean,
): SequenceEncoder => {
  const encode = fastSequence(tokenizer, actionTokenizer, options);
  return collect(options.maxTokenLen, (rows, row, task) => {
    const state = stateOf(rows, row);
    if (!withActions) return encode({ task, state });
    const shape = [rows.actionHorizon, rows.actionDim] as const;
    return encode({ task, state, actions: { shape, data: part(rows.actions, row, shape[0] * shape[1]) } });
  });
};
