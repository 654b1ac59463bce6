import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from './error.js';
import type { TextTokenizer } from './interfaces.js';
import type { SequenceOptions, TokenSequence } from './sequence.js';
import { sequence } from './sequence.js';
import { stateBins } from './state-bins.js';
import { pi0Task } from './task-text.js';

const padded = (
  task: string,
  tokens: readonly number[],
  options: SequenceOptions,
): E.Either<TokenizerError, TokenSequence> =>
  pipe(
    sequence(task, tokens, [], options),
    E.map(({ tokens: ids, tokenMask, truncated }) => ({ tokens: ids, tokenMask, truncated })),
  );

/**
 * Tokens of a π0 prompt: the beginning mark, the cleaned task, and a line end tokenised by itself.
 *
 * Given the instruction; underscores and line ends become spaces, white space around it goes.
 *
 * @returns `tokens` `i32[l]` and `tokenMask` `bool[l]`, `l` = `maxTokenLen`.
 * @errors `EmptyTask`, `NotTokenisable`, `TooLong`.
 * @law the mask is true exactly on the tokens; decoding them gives the cleaned task and a line end.
 * @source openpi `models/tokenizer.py` `PaligemmaTokenizer.tokenize` (15a9616)
 */
export const pi0Prompt =
  (tokenizer: TextTokenizer, options: SequenceOptions) =>
  (task: string): E.Either<TokenizerError, TokenSequence> =>
    pipe(
      E.Do,
      E.bind('cleaned', () => pi0Task(task, options)),
      E.bind('words', ({ cleaned }) => tokenizer.encode(cleaned, { addBos: true, addEos: false })),
      // Line end apart: inside the text it could merge with the last word.
      E.bind('end', () => tokenizer.encode('\n', { addBos: false, addEos: false })),
      E.flatMap(({ words, end }) => padded(task, [...words, ...end], options)),
    );

/**
 * Tokens of a π0.5 prompt: `Task: …, State: …;` and `Action: ` on the next line, with the state in 256 bins.
 *
 * Given the instruction, and the normalized state (dimensionless, in [-1, 1] but for outliers).
 *
 * @returns `tokens` `i32[l]` and `tokenMask` `bool[l]`, `l` = `maxTokenLen`.
 * @errors `EmptyTask`, `NotTokenisable`, `BadState`, `TooLong`.
 * @source openpi `models/tokenizer.py` `PaligemmaTokenizer.tokenize` with a state (15a9616)
 */
export const pi05Prompt =
  (tokenizer: TextTokenizer, options: SequenceOptions) =>
  ({
    task,
    state,
  }: {
    readonly task: string;
    readonly state: ArrayLike<number>;
  }): E.Either<TokenizerError, TokenSequence> =>
    pipe(
      E.Do,
      E.bind('cleaned', () => pi0Task(task, options)),
      E.bind('bins', () => stateBins(state)),
      E.flatMap(({ cleaned, bins }) =>
        tokenizer.encode(`Task: ${cleaned}, State: ${bins.join(' ')};\nAction: `, { addBos: true, addEos: false }),
      ),
      E.flatMap((tokens) => padded(task, tokens, options)),
    );
