import type { ActionTokenizer, TextTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';

// The two stubs that the golden file states in words under "stubs".

const stubVocabSize = 512;

/** A tokenizer of single characters. */
export const characters = (alphabet: string): TextTokenizer => {
  const idOf = (atom: string): number => {
    const literal = /^<tok(\d+)>$/.exec(atom)?.[1];
    const place = alphabet.indexOf(atom);
    return literal === undefined ? (place < 0 ? 99 : 3 + place) : Number(literal);
  };
  const atomOf = (id: number): string => (id < 3 ? '' : id <= 98 ? (alphabet[id - 3] ?? '') : `<tok${id}>`);
  return {
    vocabSize: stubVocabSize,
    encode: (s, { addBos, addEos }) => {
      const ids = (s.match(/<tok\d+>|./gsu) ?? []).map(idOf);
      return E.right([...(addBos ? [2] : []), ...ids, ...(addEos ? [1] : [])]);
    },
    decode: (ids) => E.right(ids.map(atomOf).join('')),
  };
};

const halfToEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** Actions as whole hundredths of [-1, 1]. */
export const hundredths: ActionTokenizer = {
  encode: ({ data }) => E.right(Array.from(data, (a) => Math.min(100, Math.max(0, halfToEven(((a + 1) / 2) * 100))))),
  decode: (tokens, shape) =>
    tokens.length === shape[0] * shape[1]
      ? E.right({ shape, data: Float64Array.from(tokens, (t) => t / 50 - 1) })
      : E.left({ _tag: 'BadActions', reason: `${tokens.length} tokens do not fill ${shape.join('×')}` }),
};
