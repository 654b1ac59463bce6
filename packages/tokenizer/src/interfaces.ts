import type { Either } from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';

/** Text to token ids and back: SentencePiece, byte-pair encoding, or a stub. */
export type TextTokenizer = {
  /** Ids are integers in `[0, vocabSize)`. */
  readonly vocabSize: number;
  /** Ids of `text`, which a beginning-of-sequence id precedes and an end-of-sequence id follows on request. */
  readonly encode: (text: string, marks: Marks) => Either<TokenizerError, readonly number[]>;
  /** Text of `tokens`; padding and the two marks give nothing. */
  readonly decode: (tokens: readonly number[]) => Either<TokenizerError, string>;
};

/** Which marks `encode` adds. */
export type Marks = {
  readonly addBos: boolean;
  readonly addEos: boolean;
};

/** A chunk of actions, `[ah, ad]` in row-major order, dimensionless (normalized). */
export type ActionChunk = {
  readonly shape: readonly [actionHorizon: number, actionDim: number];
  readonly data: Float32Array | Float64Array;
};

/** Actions to action tokens (from 0) and back: FAST, bins, FSQ, or a stub. */
export type ActionTokenizer = {
  readonly encode: (actions: ActionChunk) => Either<TokenizerError, readonly number[]>;
  readonly decode: (tokens: readonly number[], shape: ActionChunk['shape']) => Either<TokenizerError, ActionChunk>;
};

/** Action tokens, and how many values were clamped into the tokenizer's range on the way. */
export type CountedTokens = {
  readonly tokens: readonly number[];
  /** Not 0 only where the tokenizer was told to clamp, and then worth a warning. */
  readonly clamped: number;
};

/** An action tokenizer that knows its size and counts what it clamps. */
export type CountingActionTokenizer = ActionTokenizer & {
  /** Action tokens are integers in `[0, vocabSize)`. */
  readonly vocabSize: number;
  /** As `encode`, with the count of what was clamped. */
  readonly encodeCounted: (actions: ActionChunk) => Either<TokenizerError, CountedTokens>;
};
