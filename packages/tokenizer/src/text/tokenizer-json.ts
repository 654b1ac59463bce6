import { Tokenizer } from '@huggingface/tokenizers';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { TokenizerError } from '../error.js';
import type { TextTokenizer } from '../interfaces.js';
import { decodeJson, type JsonMismatch, parseJson } from '../json.js';
import { withMarks } from './marks.js';

/** How a vocabulary spells its marks; the defaults are Gemma's. */
export type MarkNames = {
  readonly bos?: string;
  readonly eos?: string;
  readonly pad?: string;
  readonly unknown?: string;
};

const bad = (reason: string): TokenizerError => ({ _tag: 'BadVocabulary', reason });

const id = z
  .int('an id, an integer from 0')
  .min(0, 'an id, an integer from 0')
  .max(2 ** 24 - 1, `an id below ${2 ** 24}`);

const addedToken = z.looseObject({ content: z.string('text'), id }, 'an object with content and id');

const fileSchema = z.looseObject(
  {
    model: z.looseObject(
      {
        // A vocabulary is a record of ids, or for unigrams a list of pairs with the id for place.
        vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string()], z.unknown()))], {
          error: 'a record of ids, or a list of pairs',
        }),
      },
      'an object with vocab',
    ),
    added_tokens: z.array(addedToken, 'an array').nullish(),
  },
  'an object',
);

type TokenizerFile = z.output<typeof fileSchema>;

type Ids = ReadonlyMap<string, number>;

const idsOf = ({ model: { vocab }, added_tokens: added }: TokenizerFile): Ids =>
  new Map([
    ...(Array.isArray(vocab) ? vocab.map(([text], place) => [text, place] as const) : Object.entries(vocab)),
    ...(added ?? []).map((token) => [token.content, token.id] as const),
  ]);

const idOf = (ids: Ids, name: string): E.Either<TokenizerError, number> =>
  E.fromNullable(bad(`tokenizer.json has no token ${JSON.stringify(name)}: give the names of its marks`))(
    ids.get(name),
  );

// Truncation and padding would change sequences in silence; a mark that is no added token is text when a text spells it out.
const withoutMarks = (file: TokenizerFile, names: readonly string[]): object => ({
  ...file,
  truncation: null,
  padding: null,
  added_tokens: (file.added_tokens ?? []).filter(({ content }) => !names.includes(content)),
});

const ofMismatch = ({ path, expected }: JsonMismatch): TokenizerError =>
  bad(`tokenizer.json${path === '' ? '' : `: ${path}`}: expected ${expected}`);

/** As `tokenizerJson`, of what the file holds. */
export const ofTokenizerJson = (
  json: unknown,
  { bos = '<bos>', eos = '<eos>', pad = '<pad>', unknown = '<unk>' }: MarkNames = {},
): E.Either<TokenizerError, TextTokenizer> =>
  pipe(
    E.Do,
    E.bind('file', () => pipe(decodeJson(fileSchema, json), E.mapLeft(ofMismatch))),
    E.let('ids', ({ file }) => idsOf(file)),
    E.bind('bosId', ({ ids }) => idOf(ids, bos)),
    E.bind('eosId', ({ ids }) => idOf(ids, eos)),
    E.bind('model', ({ file }) =>
      E.tryCatch(
        () => new Tokenizer(withoutMarks(file, [bos, eos, pad, unknown]), {}),
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
    parseJson(text),
    E.mapLeft(ofMismatch),
    E.flatMap((json) => ofTokenizerJson(json, names)),
  );
