import type * as E from 'fp-ts/lib/Either.js';
import type { Reals } from './reals.js';

/** A prompt in tokens. */
export type PromptTokens = {
  /** `i32[l]` */
  readonly tokens: Int32Array;
  /** `bool[l]` */
  readonly tokenMask: Uint8Array;
  /** Tokens that were cut from the end to fit `l`. */
  readonly truncated: number;
};

/** An autoregressive sequence in tokens. */
export type FastTokens = PromptTokens & {
  /** `i32[l]` */
  readonly tokenArMask: Int32Array;
  /** `bool[l]` */
  readonly tokenLossMask: Uint8Array;
};

/** A chunk of actions `[ah, ad]`. */
export type TokenizedChunk = {
  readonly shape: readonly [actionHorizon: number, actionDim: number];
  readonly data: Reals;
};

/**
 * What transforms need of tokenizers, for one sample each; this package has none of its own. A left is the reason in words,
 * and becomes `TokenizerRefused`. Of one batch all sequences are equally long, and so are all chunks.
 */
export type Tokenizers = {
  /** Tokens of an instruction, with the normalized state where a family writes it into the prompt. */
  readonly prompt?: (example: {
    readonly task: string;
    readonly state: Reals | null;
  }) => E.Either<string, PromptTokens>;
  /** Tokens of an instruction, a state, and actions where they are known. */
  readonly fast?: (example: {
    readonly task: string;
    readonly state: Reals;
    readonly actions: TokenizedChunk | null;
  }) => E.Either<string, FastTokens>;
  /** Actions of generated tokens. */
  readonly extractActions?: (
    tokens: readonly number[],
    shape: TokenizedChunk['shape'],
  ) => E.Either<string, TokenizedChunk>;
};
