import type { ActionCodec } from '@torsor/policy';
import type { TextTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';

/** A token for each letter: how long a sequence is can be counted by hand. */
export const letterTokenizer: TextTokenizer = {
  vocabSize: 256,
  encode: (text, { addBos, addEos }) =>
    E.right([...(addBos ? [2] : []), ...Array.from(text, (letter) => letter.charCodeAt(0)), ...(addEos ? [1] : [])]),
  decode: (tokens) => E.right(String.fromCharCode(...tokens)),
};

/** One token for a chunk; values above 4 are clamped. */
const chunkTokenizer: ActionCodec['tokenizer'] = {
  vocabSize: 8,
  encode: () => E.right([3]),
  encodeCounted: ({ shape: [ah, ad], data }) =>
    data.length !== ah * ad
      ? E.left({ _tag: 'BadActionShape', shape: [ah, ad], values: data.length, expected: 'as many values' })
      : E.right({ tokens: [3], clamped: Array.from(data).filter((value) => value > 4).length }),
  decode: (_, shape) => E.right({ shape, data: new Float32Array(shape[0] * shape[1]) }),
};

export const chunkCodec: ActionCodec = {
  tokenizer: chunkTokenizer,
  nearest: chunkTokenizer,
  files: { 'processor_config.json': '', 'tokenizer.json': '' },
};
