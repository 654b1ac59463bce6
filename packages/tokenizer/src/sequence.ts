import * as E from 'fp-ts/lib/Either.js';
import type { TokenizerError } from './error.js';
import type { TaskOptions } from './task-text.js';

/** How long a sequence is made, and what happens to one that does not fit. */
export type SequenceOptions = TaskOptions & {
  /** `l`: shorter sequences are padded to it with token 0. */
  readonly maxTokenLen: number;
  /** `refuse` (the default) gives `TooLong`; `truncate` cuts the end, as openpi does, and counts what was cut. */
  readonly onTooLong?: 'refuse' | 'truncate';
};

/** One padded sequence of tokens. */
export type TokenSequence = {
  /** `i32[l]`; padding is token 0. */
  readonly tokens: Int32Array;
  /** `bool[l]`: 1 on tokens, 0 on padding. */
  readonly tokenMask: Uint8Array;
  /** Tokens cut from the end; not 0 only under `onTooLong: 'truncate'`, and then worth a warning. */
  readonly truncated: number;
};

/** One padded sequence of prefix (read at once) and postfix (predicted token by token). */
export type FastSequence = TokenSequence & {
  /** `i32[l]`: 0 on the prefix and on padding (bidirectional), 1 on the postfix (causal). */
  readonly tokenArMask: Int32Array;
  /** `bool[l]`: 1 on the postfix, whose tokens are the targets. */
  readonly tokenLossMask: Uint8Array;
  /** Values that the action tokenizer clamped into its range; not 0 only where it was told to, and then worth a warning. */
  readonly clamped: number;
};

/** Pads prefix and postfix to `maxTokenLen` and marks them; what of the postfix was clamped is for the caller to say. */
export const sequence = (
  task: string,
  prefix: readonly number[],
  postfix: readonly number[],
  { maxTokenLen, onTooLong = 'refuse' }: SequenceOptions,
): E.Either<TokenizerError, FastSequence> => {
  const length = prefix.length + postfix.length;
  if (length > maxTokenLen && onTooLong === 'refuse') {
    const [prefixLength, postfixLength] = [prefix.length, postfix.length];
    return E.left({ _tag: 'TooLong', task, maxTokenLen, length, prefixLength, postfixLength });
  }
  const kept = Math.min(length, maxTokenLen);
  const split = Math.min(prefix.length, kept);
  const tokens = new Int32Array(maxTokenLen);
  tokens.set([...prefix, ...postfix].slice(0, kept));
  return E.right({
    tokens,
    tokenMask: new Uint8Array(maxTokenLen).fill(1, 0, kept),
    tokenArMask: new Int32Array(maxTokenLen).fill(1, split, kept),
    tokenLossMask: new Uint8Array(maxTokenLen).fill(1, split, kept),
    truncated: length - kept,
    clamped: 0,
  });
};
