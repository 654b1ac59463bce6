import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedTokenizer, mapActionTokens, withActionTokens } from '../src/index.js';
import { right } from './right.js';

const text = right(embeddedTokenizer());
const count = 40;
const extended = withActionTokens(text, count);
const plain = { addBos: false, addEos: false };

describe('withActionTokens', () => {
  it('makes of a text what the text tokenizer makes of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.boolean(), fc.boolean(), (s, addBos, addEos) => {
        expect(extended.encode(s, { addBos, addEos })).toEqual(text.encode(s, { addBos, addEos }));
      }),
    );
  });

  it('has its new ids where action tokens are mapped to', () => {
    const ids = right(mapActionTokens(extended.vocabSize)(Array.from({ length: count }, (_, i) => i)));
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => text.vocabSize + i));
  });

  it('gives action tokens between texts back', () => {
    const action = fc.integer({ min: text.vocabSize, max: text.vocabSize + count - 1 });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
        const tokens = [
          ...right(text.encode('Action: ', plain)),
          ...actions,
          ...right(text.encode('|', { addBos: false, addEos: true })),
        ];
        const decoded = right(extended.decode(tokens));
        expect(right(extended.encode(decoded, { addBos: false, addEos: true }))).toEqual(tokens);
      }),
    );
  });

  it('refuses a prompt in its private characters, an unknown action token, and an id that it has not', () => {
    const marked = { addBos: true, addEos: false };
    expect(extended.encode('pick \u{f0000}', marked)).toMatchObject({ left: { _tag: 'NotTokenisable' } });
    expect(extended.encode('\u{f0fff}', plain)).toMatchObject({ left: { _tag: 'NotTokenisable' } });
    expect(extended.decode([text.vocabSize + count])).toMatchObject({ left: { _tag: 'TokenOutOfRange' } });
  });
});
