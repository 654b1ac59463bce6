import { Tokenizer } from '@huggingface/tokenizers';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TokenizerError } from '../error.js';
import type { TextTokenizer } from '../interfaces.js';
import { withMarks } from './marks.js';

/** How a vocabulary spells its marks; the defaults are Gemma's. */
export type MarkNames = {
  readonly bos?: string;
  readonly eos?: string;
  readonly pad?: string;
  readonly unknown?: string;
};

const bad = (reason: string): TokenizerError => ({ _tag: 'BadVocabulary', reason });

type JsonObject = { readonly [key: string]: unknown };

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Ids = ReadonlyMap<string, number>;

// A vocabulary is a record of ids, or for unigrams a list of pairs with the id for place.
const modelIds = (vocab: unknown): readonly (readonly [string, unknown])[] =>
  Array.isArray(vocab)
    ? vocab.map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id])
    : isRecord(vocab)
      ? Object.entries(vocab)
      : [];

const addedIds = (added: unknown): readonly (readonly [string, unknown])[] =>
  Array.isArray(added) ? added.filter(isRecord).map((token) => [String(token['content']), token['id']]) : [];

const idsOf = (json: JsonObject): E.Either<TokenizerError, Ids> => {
  const vocab = isRecord(json['model']) ? json['model']['vocab'] : undefined;
  const ids = new Map<string, number>();
  for (const [text, id] of [...modelIds(vocab), ...addedIds(json['added_tokens'])]) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= 2 ** 24) {
      return E.left(bad(`token ${JSON.stringify(text)} has the id ${String(id)}: expected an integer from 0`));
    }
    ids.set(text, id);
  }
  return ids.size === 0 ? E.left(bad('tokenizer.json has no model.vocab')) : E.right(ids);
};

const idOf = (ids: Ids, name: string): E.Either<TokenizerError, number> =>
  E.fromNullable(bad(`tokenizer.json has no token ${JSON.stringify(name)}: give the names of its marks`))(
    ids.get(name),
  );

// Truncation and padding would change sequences in silence; a mark that is no added token is text when a text spells it out.
const withoutMarks = (json: JsonObject, names: readonly string[]): object => {
  const added: unknown = json['added_tokens'];
  const kept = Array.isArray(added)
    ? added.filter((token) => !(isRecord(token) && names.includes(String(token['content']))))
    : [];
  return { ...json, truncation: null, padding: null, added_tokens: kept };
};

const parse = (text: string): E.Either<TokenizerError, JsonObject> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      (cause) => bad(`tokenizer.json is no JSON: ${String(cause)}`),
    ),
    E.filterOrElse(isRecord, () => bad('tokenizer.json holds no object')),
  );

/** As `tokenizerJson`, of what the file holds. */
export const ofTokenizerJson = (
  json: JsonObject,
  { bos = '<bos>', eos = '<eos>', pad = '<pad>', unknown = '<unk>' }: MarkNames = {},
): E.Either<TokenizerError, TextTokenizer> =>
  pipe(
    E.Do,
    E.bind('ids', () => idsOf(json)),
    E.bind('bosId', ({ ids }) => idOf(ids, bos)),
    E.bind('eosId', ({ ids }) => idOf(ids, eos)),
    E.bind('model', () =>
      E.tryCatch(
        () => new Tokenizer(withoutMarks(json, [bos, eos, pad, unknown]), {}),
        (cause) => bad(String(cause)),
      ),
    ),
    E.map(({ ids, bosId, eosId, model }) => {
      const vocabSize = [...ids.values()].reduce((most, id) => Math.max(most, id + 1), 0);
      const silent = new Set([bosId, eosId, ids.get(pad) ?? bosId]);
      const plain = {
        encode: (s: string) => (s === '' ? [] : model.encode(s, { add_special_tokens: false }).ids),
        decode: (tokens: readonly number[]) => model.decode([...tokens], { clean_up_tokenization_spaces: false }),
      };
      return withMarks(plain, vocabSize, { bos: bosId, eos: eosId, silent, unknown: ids.get(unknown) });
    }),
  );

/**
 * The text tokenizer of a `tokenizer.json`, by Hugging Face's library. A mark spelled out in a text is text.
 *
 * @errors `BadVocabulary` for what is no such file, or lacks the marks.
 */
export const tokenizerJson = (text: string, names: MarkNames = {}): E.Either<TokenizerError, TextTokenizer> =>
  pipe(
    parse(text),
    E.flatMap((json) => ofTokenizerJson(json, names)),
  );
