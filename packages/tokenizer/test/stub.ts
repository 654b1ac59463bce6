import * as E from 'fp-ts/lib/Either.js';
import type { ActionTokenizer, TextTokenizer } from '../src/index.js';

/** One id per character: `3 + code unit`, in a vocabulary of 1024. */
export const characters: TextTokenizer = {
  vocabSize: 1024,
  encode: (text, { addBos, addEos }) =>
    E.right([...(addBos ? [2] : []), ...[...text].map((c) => 3 + (c.codePointAt(0) ?? 0)), ...(addEos ? [1] : [])]),
  decode: (tokens) =>
    E.right(
      tokens
        .filter((t) => t > 2)
        .map((t) => String.fromCodePoint(t - 3))
        .join(''),
    ),
};

/** Actions in hundredths, from 0. */
export const hundredths: ActionTokenizer = {
  encode: ({ data }) => E.right(Array.from(data, (a) => Math.round((a + 1) * 50))),
  decode: (tokens, shape) =>
    tokens.length === shape[0] * shape[1]
      ? E.right({ shape, data: Float64Array.from(tokens, (t) => t / 50 - 1) })
      : E.left({ _tag: 'BadActions', reason: `${tokens.length} tokens do not fill ${shape.join('×')}` }),
};
