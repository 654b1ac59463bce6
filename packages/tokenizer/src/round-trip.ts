import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { showTokenizerError } from './error.js';
import type { ActionChunk, ActionTokenizer } from './interfaces.js';

/** How well a tokenizer does on some chunks that go there and back. */
export type RoundTrip = {
  readonly chunks: number;
  /** Chunks that it has no tokens for. */
  readonly refused: number;
  /** Why, of the first of them. */
  readonly example: string | null;
  /** Mean over the chunks that it has tokens for. */
  readonly tokensPerChunk: number;
  /** Tokens of the longest chunk. */
  readonly longest: number;
  /** Numbers of a chunk for each of its tokens. */
  readonly compression: number;
  /** Root mean square of the differences, in the units of the chunks. */
  readonly rmse: number;
  /** Largest such difference of all. */
  readonly worst: number;
};

const differences = (before: ActionChunk, after: ActionChunk): { readonly squares: number; readonly worst: number } => {
  let [squares, worst] = [0, 0];
  for (const [i, x] of before.data.entries()) {
    const difference = Math.abs(x - (after.data[i] ?? Number.NaN));
    squares += difference * difference;
    worst = Math.max(worst, difference);
  }
  return { squares, worst };
};

/**
 * Sends chunks there and back: how short they become, and how far from themselves they come back.
 *
 * @param tokenizer - of action chunks.
 * @param chunks - normalized action chunks `[ah, ad]`.
 * @returns counts and differences over the chunks that have tokens; those that have none are counted.
 * @law a tokenizer that loses nothing has differences 0.
 */
export const roundTrip = (
  tokenizer: Pick<ActionTokenizer, 'encode' | 'decode'>,
  chunks: readonly ActionChunk[],
): RoundTrip => {
  let [tokens, numbers, squares, worst, longest, refused] = [0, 0, 0, 0, 0, 0];
  let example: string | null = null;
  for (const chunk of chunks) {
    const there = tokenizer.encode(chunk);
    const back = pipe(
      there,
      E.flatMap((ids) => tokenizer.decode(ids, chunk.shape)),
    );
    if (E.isLeft(back) || E.isLeft(there)) {
      refused += 1;
      example ??= E.isLeft(back) ? showTokenizerError(back.left) : null;
      continue;
    }
    const found = differences(chunk, back.right);
    tokens += there.right.length;
    numbers += chunk.data.length;
    squares += found.squares;
    worst = Math.max(worst, found.worst);
    longest = Math.max(longest, there.right.length);
  }
  const told = chunks.length - refused;
  return {
    chunks: chunks.length,
    refused,
    example,
    tokensPerChunk: tokens / told,
    longest,
    compression: numbers / tokens,
    rmse: Math.sqrt(squares / numbers),
    worst,
  };
};
