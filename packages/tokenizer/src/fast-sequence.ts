import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { mapActionTokens } from './action-tokens.js';
import type { TokenizerError } from './error.js';
import type {
  ActionChunk,
  ActionTokenizer,
  CountedTokens,
  CountingActionTokenizer,
  TextTokenizer,
} from './interfaces.js';
import type { FastSequence, SequenceOptions } from './sequence.js';
import { sequence } from './sequence.js';
import { stateBins } from './state-bins.js';
import { fastTask, strip } from './task-text.js';

/** What a π0-FAST sequence is made of. Without `actions` it is the prompt to decode from. */
export type FastExample = {
  readonly task: string;
  /** Normalized state, dimensionless, in [-1, 1] but for outliers. */
  readonly state: ArrayLike<number>;
  readonly actions?: ActionChunk;
};

const actionText = 'Action: ';
const endText = '|';
const paddingToken = 0;
const plain = { addBos: false, addEos: false } as const;

type Ids = E.Either<TokenizerError, readonly number[]>;

const prefixOf = (text: TextTokenizer, { task, state }: FastExample, options: SequenceOptions): Ids =>
  pipe(
    E.Do,
    E.bind('cleaned', () => fastTask(task, options)),
    E.bind('bins', () => stateBins(state)),
    E.flatMap(({ cleaned, bins }) =>
      text.encode(`Task: ${cleaned}, State: ${bins.join(' ')};\n`, { addBos: true, addEos: false }),
    ),
  );

/** Whether it counts what it clamps, or refuses whatever it has no token for. */
type AnyActionTokenizer = ActionTokenizer | CountingActionTokenizer;

const actionTokens = (action: AnyActionTokenizer, actions: ActionChunk): E.Either<TokenizerError, CountedTokens> =>
  'encodeCounted' in action
    ? action.encodeCounted(actions)
    : E.map((tokens: readonly number[]): CountedTokens => ({ tokens, clamped: 0 }))(action.encode(actions));

const postfixOf = (
  text: TextTokenizer,
  action: AnyActionTokenizer,
  actions: ActionChunk,
): E.Either<TokenizerError, CountedTokens> =>
  pipe(
    E.Do,
    E.bind('head', () => text.encode(actionText, plain)),
    E.bind('counted', () => actionTokens(action, actions)),
    E.bind('body', ({ counted }) => mapActionTokens(text.vocabSize)(counted.tokens)),
    E.bind('end', () => text.encode(endText, { addBos: false, addEos: true })),
    E.map(({ head, body, end, counted }) => ({ tokens: [...head, ...body, ...end], clamped: counted.clamped })),
  );

const noPostfix: CountedTokens = { tokens: [], clamped: 0 };

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
      E.bind('postfix', () =>
        example.actions === undefined ? E.right(noPostfix) : postfixOf(text, action, example.actions),
      ),
      E.flatMap(({ prefix, postfix }) =>
        pipe(
          sequence(example.task, prefix, postfix.tokens, options),
          E.map((made) => ({ ...made, clamped: postfix.clamped })),
        ),
      ),
    );

/** Where the action tokens of generated ids are looked for. */
export type ExtractOptions = {
  /**
   * `text` (the default): in the decoded text, tokenised again, as openpi does; ids that are also words may come back as others. `ids`: in
   * the ids themselves, after those of `Action: ` and before that of `|` or the end mark.
   */
  readonly by?: 'text' | 'ids';
};

const bodyByText = (text: TextTokenizer, tokens: readonly number[]): Ids =>
  pipe(
    text.decode(tokens),
    E.flatMap((decoded): E.Either<TokenizerError, string> => {
      const body = decoded.split(actionText)[1]?.split(endText)[0];
      return body === undefined ? E.left({ _tag: 'NoActionMarker', text: decoded }) : E.right(body);
    }),
    E.flatMap((body) => text.encode(strip(body), plain)),
  );

const bodyByIds = (text: TextTokenizer, tokens: readonly number[]): Ids =>
  pipe(
    E.Do,
    E.bind('head', () => text.encode(actionText, plain)),
    E.bind('end', () => text.encode(endText, { addBos: false, addEos: true })),
    E.bind('decoded', () => text.decode(tokens)),
    E.flatMap(({ head, end, decoded }): Ids => {
      const at = tokens.findIndex((_, i) => head.every((id, j) => tokens[i + j] === id));
      if (at < 0) return E.left({ _tag: 'NoActionMarker', text: decoded });
      const body = tokens.slice(at + head.length);
      const stop = body.findIndex((id) => end.includes(id));
      return E.right((stop < 0 ? body : body.slice(0, stop)).filter((id) => id !== paddingToken));
    }),
  );

/**
 * Actions of generated tokens: those between `Action: ` and `|`, decoded.
 *
 * Given the ids as the model produced them; padding and marks are skipped by the text tokenizer.
 *
 * @returns actions `[ah, ad]`, dimensionless.
 * @errors `NoActionMarker` where openpi returns zeros; `TokenOutOfRange`; those of the two tokenizers.
 * @law `extractActions` of a sequence's postfix is the action tokenizer's own round trip: by ids where no action token has an id of `|`,
 * by text where decoding and encoding again gives the ids back.
 * @source openpi `models/tokenizer.py` `FASTTokenizer.extract_actions` (15a9616)
 */
export const extractActions =
  (text: TextTokenizer, action: ActionTokenizer, shape: ActionChunk['shape'], { by = 'text' }: ExtractOptions = {}) =>
  (tokens: readonly number[]): E.Either<TokenizerError, ActionChunk> =>
    pipe(
      by === 'text' ? bodyByText(text, tokens) : bodyByIds(text, tokens),
      E.flatMap(mapActionTokens(text.vocabSize)),
      E.flatMap((ids) => action.decode(ids, shape)),
    );
