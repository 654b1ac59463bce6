import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { TextTokenizer } from '../../src/index.js';
import { embeddedTokenizer, pi0Prompt, showTokenizerError } from '../../src/index.js';
import encodings from '../fixtures/encodings.json' with { type: 'json' };

const tokenizer = ((): TextTokenizer => {
  const loaded = embeddedTokenizer();
  if (E.isLeft(loaded)) throw new Error(showTokenizerError(loaded.left));
  return loaded.right;
})();

const plain = { addBos: false, addEos: false };

it.each(encodings)('gives the ids of the official library: $text', ({ text, ids }) => {
  expect(tokenizer.encode(text, plain)).toEqual(E.right(ids));
});

describe('laws', () => {
  it('every well-formed text comes back, and every id is in the vocabulary', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ids = tokenizer.encode(text, { addBos: true, addEos: true });
        if (E.isLeft(ids)) throw new Error(showTokenizerError(ids.left));
        expect(ids.right.every((id) => id >= 0 && id < tokenizer.vocabSize)).toBe(true);
        expect(tokenizer.decode(ids.right)).toEqual(E.right(text));
      }),
    );
  });

  it('any ids decode', () => {
    fc.assert(fc.property(fc.array(fc.nat(511)), (ids) => E.isRight(tokenizer.decode(ids))));
  });
});

it('has the marks of Gemma, and 512 ids', () => {
  expect(tokenizer.vocabSize).toBe(512);
  expect(tokenizer.encode('', { addBos: true, addEos: true })).toEqual(E.right([2, 1]));
});

it.each(['<eos>', '<pad>', '<bos>'])('takes %s in a text for text', (text) => {
  const ids = tokenizer.encode(text, plain);
  expect(E.isRight(ids) && ids.right.every((id) => id > 3)).toBe(true);
});

it('refuses half of a surrogate pair by its text', () => {
  expect(pi0Prompt(tokenizer, { maxTokenLen: 9 })('a\ud800')).toMatchObject(
    E.left({ _tag: 'NotTokenisable', text: 'a\ud800' }),
  );
});

it.each([512, -1, 0.5])('refuses to decode id %d', (token) => {
  expect(tokenizer.decode([token])).toEqual(E.left({ _tag: 'TokenOutOfRange', token, vocabSize: 512 }));
});
