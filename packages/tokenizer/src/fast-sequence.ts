import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { mapActionTokens } from './action-tokens.js';
import type { TokenizerError } from './error.js';
import type { ActionChunk, ActionTokenizer, TextTokenizer } from './interfaces.js';
import type { FastSequence, SequenceOptions } from './sequence.js';
import { sequence } from './sequence.js';
import { stateBins } from './state-bins.js';
import { fastTask, strip } from './task-text.js';

/** What a π0-FAST sequence is made of. Without `actions` it is the prompt to decode from. */
export interface FastExample {
  readonly task: string;
  /** Normalised state, dimensionless, in [-1, 1] but for outliers. */
  readonly state: ArrayLike<number>;
  readonly actions?: ActionChunk;
}

const PLAIN = { addBos: false, addEos: false } as const;

type Ids = E.Either<TokenizerError, readonly number[]>;

const prefixOf = (text: TextTokenizer, { task, state }: FastExample, options: SequenceOptions): Ids =>
  pipe(
    E.Do,
    E.bind('cleaned', () => fastTask(task, options)),
    E.bind('bins', () => stateBins(state)),
    E.chain(({ cleaned, bins }) =>
      text.encode(`Task: ${cleaned}, State: ${bins.join(' ')};\n`, { addBos: true, addEos: false }),
    ),
  );

const postfixOf = (text: TextTokenizer, action: ActionTokenizer, actions: ActionChunk): Ids =>
  pipe(
    E.Do,
    E.bind('head', () => text.encode('Action: ', PLAIN)),
    E.bind('body', () => pipe(action.encode(actions), E.chain(mapActionTokens(text.vocabSize)))),
    E.bind('end', () => text.encode('|', { addBos: false, addEos: true })),
    E.map(({ head, body, end }) => [...head, ...body, ...end]),
  );

/**
 * Tokens of a π0-FAST example: prefix `Task: …, State: …;` and a line end; postfix `Action: `, action tokens, `|` and the end mark.
 *
 * @returns `tokens` `i32[l]`, `tokenMask` `bool[l]`, `tokenArMask` `i32[l]`, `tokenLossMask` `bool[l]`, `l` = `maxTokenLen`.
 * @errors `EmptyTask`, `NotTokenisable`, `BadState`, `TooLong`, `TokenOutOfRange`, and those of the two tokenizers.
 * @law the loss mask is the postfix and lies inside the token mask; the prefix is bidirectional (0), the postfix causal (1); the prefix does not
 * depend on the actions.
 * @source openpi `models/tokenizer.py` `FASTTokenizer.tokenize` (15a9616)
 */
export const fastSequence =
  (text: TextTokenizer, action: ActionTokenizer, options: SequenceOptions) =>
  (example: FastExample): E.Either<TokenizerError, FastSequence> =>
    pipe(
      E.Do,
      E.bind('prefix', () => prefixOf(text, example, options)),
      E.bind('postfix', () => (example.actions === undefined ? E.right([]) : postfixOf(text, action, example.actions))),
      E.chain(({ prefix, postfix }) => sequence(example.task, prefix, postfix, options)),
    );

/**
 * Actions of generated tokens: the text between `Action: ` and `|`, tokenised again and decoded.
 *
 * Given the ids as the model produced them; padding and marks are skipped by the text tokenizer.
 *
 * @returns actions `[ah, ad]`, dimensionless.
 * @errors `NoActionMarker` where openpi returns zeros; `TokenOutOfRange`; those of the two tokenizers.
 * @law `extractActions` of a sequence's postfix is the action tokenizer's own round trip.
 * @source openpi `models/tokenizer.py` `FASTTokenizer.extract_actions` (15a9616)
 */
export const extractActions =
  (text: TextTokenizer, action: ActionTokenizer, shape: ActionChunk['shape']) =>
  (tokens: readonly number[]): E.Either<TokenizerError, ActionChunk> =>
    pipe(
      text.decode(tokens),
      E.chain((decoded) => {
        const body = decoded.split('Action: ')[1]?.split('|')[0];
        return body === undefined ? E.left({ _tag: 'NoActionMarker', text: decoded }) : E.right(body);
      }),
      E.chain((body) => text.encode(strip(body), PLAIN)),
      E.chain(mapActionTokens(text.vocabSize)),
      E.chain((ids) => action.decode(ids, shape)),
    );
