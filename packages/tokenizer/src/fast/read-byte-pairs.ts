import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { BytePairs } from './byte-pairs.js';
import type { Split } from './bytes.js';
import type { ActionTokenError } from './error.js';
import type { JsonValue } from './json-value.js';
import { elements, member, members, oneOf, unexpected } from './json-value.js';

type Read<A> = E.Either<ActionTokenError, A>;

const absent = [undefined, null];

// What would change ids or text in silence if it were passed over.
const refused = [
  ['normalizer', absent, 'no normalizer'],
  ['truncation', absent, 'no truncation: it would cut tokens in silence'],
  ['padding', absent, 'no padding: it would add tokens in silence'],
] as const;

const refusedOfModel = [
  ['type', [undefined, 'BPE'], "'BPE'"],
  ['dropout', [...absent, 0], 'no dropout'],
  ['unk_token', absent, 'no unknown token: it would stand for lost coefficients'],
  ['continuing_subword_prefix', [...absent, ''], 'no prefix'],
  ['end_of_word_suffix', [...absent, ''], 'no suffix'],
  ['byte_fallback', [undefined, false], 'false'],
  ['ignore_merges', [undefined, false], 'false'],
] as const;

const checkAll = (json: JsonValue, rules: typeof refused | typeof refusedOfModel): Read<null> => {
  for (const [key, allowed, words] of rules) {
    const checked = oneOf(member(json, key), allowed, words);
    if (E.isLeft(checked)) return checked;
  }
  return E.right(null);
};

const readSplit = (json: JsonValue): Read<Split> =>
  pipe(
    oneOf(member(json, 'type'), ['ByteLevel'], "'ByteLevel'"),
    E.flatMap(() => oneOf(member(json, 'add_prefix_space'), [false], 'false')),
    E.flatMap(() => oneOf(member(json, 'use_regex'), [undefined, true, false], 'true or false')),
    E.map(() => (member(json, 'use_regex').value === false ? 'none' : 'words')),
  );

const readVocab = (json: JsonValue): Read<readonly string[]> =>
  pipe(
    members(json),
    E.flatMap((entries): Read<readonly string[]> => {
      const vocab = new Map(entries.map(([text, id]) => [id, text]));
      const texts = entries.map((_, id) => vocab.get(id));
      const missing = texts.indexOf(undefined);
      return missing < 0 && entries.length > 0
        ? E.right(texts.filter((text) => text !== undefined))
        : unexpected(json, `each id from 0 to ${entries.length - 1} once; ${Math.max(0, missing)} is missing`);
    }),
  );

// Older files hold a pair as one string; no character of a byte-level vocabulary is a space.
const pairOf = (merge: unknown): readonly unknown[] =>
  typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];

const readMerges = (json: JsonValue, vocab: readonly string[]): Read<BytePairs['merges']> =>
  pipe(
    elements(json),
    E.flatMap((list) => {
      const ids = new Map<unknown, number>(vocab.map((text, id) => [text, id]));
      const merges: (readonly [number, number, number])[] = [];
      for (const [i, merge] of list.entries()) {
        const [a, b, ...more] = pairOf(merge);
        const [left, right, merged] = [ids.get(a), ids.get(b), ids.get(`${String(a)}${String(b)}`)];
        if (left === undefined || right === undefined || merged === undefined || more.length > 0) {
          return unexpected({ ...json, path: `${json.path}[${i}]` }, 'two tokens that, like their union, have an id');
        }
        merges.push([left, right, merged]);
      }
      return E.right(merges);
    }),
  );

/**
 * The byte pairs of a `tokenizer.json`.
 *
 * @errors `BadProcessor` for anything that is not a byte-level byte-pair vocabulary without additions: other settings change ids in silence.
 */
export const readBytePairs = (json: JsonValue): Read<BytePairs> => {
  const model = member(json, 'model');
  return pipe(
    checkAll(json, refused),
    E.flatMap(() => checkAll(model, refusedOfModel)),
    E.flatMap(() =>
      pipe(member(json, 'added_tokens'), (added) => (added.value === undefined ? E.right([]) : elements(added))),
    ),
    E.filterOrElseW(
      (added) => added.length === 0,
      (): ActionTokenError => ({ ...noAdded, file: json.file }),
    ),
    E.bindW('split', () => readSplit(member(json, 'pre_tokenizer'))),
    E.bindW('vocab', () => readVocab(member(model, 'vocab'))),
    E.bindW('merges', ({ vocab }) => readMerges(member(model, 'merges'), vocab)),
    E.map(({ split, vocab, merges }) => ({ split, vocab, merges })),
  );
};

const noAdded = {
  _tag: 'BadProcessor',
  path: 'added_tokens',
  expected: 'none: every token stands for coefficients',
} as const;
