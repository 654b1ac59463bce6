import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { decodeJson, type JsonMismatch } from '../json.js';
import type { BytePairs } from './byte-pairs.js';
import { type TokenizerFile, tokenizerSchema } from './tokenizer-schema.js';

type Read<A> = E.Either<JsonMismatch, A>;

const readVocab = ({ model }: TokenizerFile): Read<readonly string[]> => {
  const entries = Object.entries(model.vocab);
  const vocab = new Map(entries.map(([text, id]) => [id, text]));
  const texts = entries.map((_, id) => vocab.get(id));
  const missing = texts.indexOf(undefined);
  if (missing < 0 && entries.length > 0) return E.right(texts.filter((text) => text !== undefined));
  const expected = `each id from 0 to ${entries.length - 1} once; ${Math.max(0, missing)} is missing`;
  return E.left({ path: 'model.vocab', expected });
};

const readMerges = ({ model }: TokenizerFile, vocab: readonly string[]): Read<BytePairs['merges']> => {
  const ids = new Map<unknown, number>(vocab.map((text, id) => [text, id]));
  const merges: (readonly [number, number, number])[] = [];
  for (const [i, [a, b, ...more]] of model.merges.entries()) {
    const [left, right, merged] = [ids.get(a), ids.get(b), ids.get(`${String(a)}${String(b)}`)];
    if (left === undefined || right === undefined || merged === undefined || more.length > 0) {
      return E.left({ path: `model.merges[${i}]`, expected: 'two tokens that, like their union, have an id' });
    }
    merges.push([left, right, merged]);
  }
  return E.right(merges);
};

/**
 * The byte pairs of a `tokenizer.json`; refused is anything that is not a byte-level byte-pair vocabulary without additions: other
 * settings change ids in silence.
 */
export const readBytePairs = (json: unknown): Read<BytePairs> =>
  pipe(
    E.Do,
    E.bind('file', () => decodeJson(tokenizerSchema, json)),
    E.bind('vocab', ({ file }) => readVocab(file)),
    E.bind('merges', ({ file, vocab }) => readMerges(file, vocab)),
    E.map(({ file, vocab, merges }) => ({
      split: file.pre_tokenizer.use_regex === false ? 'none' : 'words',
      vocab,
      merges,
    })),
  );
