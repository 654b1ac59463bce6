import type { ActionTokenizer, TextTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';

/** One id for each character, `3 + code unit`; 2 begins and 1 ends, 0 is padding, as in PaliGemma's vocabulary. */
export const characters = (vocabSize: number): TextTokenizer => ({
  vocabSize,
  encode: (text, { addBos, addEos }) =>
    E.right([...(addBos ? [2] : []), ...[...text].map((c) => 3 + (c.codePointAt(0) ?? 0)), ...(addEos ? [1] : [])]),
  decode: (tokens) =>
    E.right(
      tokens
        .filter((token) => token > 2)
        .map((token) => String.fromCodePoint(token - 3))
        .join(''),
    ),
});

/** The text of ids of `characters`, with the beginning as ^, the end as $ and padding as nothing. */
export const read = (tokens: ArrayLike<number>): string =>
  Array.from(tokens, (token) => (token > 2 ? String.fromCodePoint(token - 3) : (['', '$', '^'][token] ?? ''))).join('');

/** Actions in tenths from 0: one token for each number. */
export const tenths: ActionTokenizer = {
  encode: ({ data }) => E.right(Array.from(data, (a) => Math.round(10 * a))),
  decode: (tokens, shape) =>
    tokens.length === shape[0] * shape[1]
      ? E.right({ shape, data: Float64Array.from(tokens, (token) => token / 10) })
      : E.left({ _tag: 'BadActions', reason: `${tokens.length} tokens do not fill ${shape.join('x')}` }),
};
