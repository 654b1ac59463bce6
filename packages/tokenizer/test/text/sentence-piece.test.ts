import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { pi0Prompt, sentencePieceTokenizer, showTokenizerError, type TextTokenizer } from '../../src/index.js';
import encodings from '../fixtures/text/sentence-piece.json' with { type: 'json' };
import model from '../fixtures/text/small-model.json' with { type: 'json' };
import { right } from '../right.js';

const bytes = Uint8Array.from(model.hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const plainText = { addBos: false, addEos: false };

describe('sentencePieceTokenizer', () => {
  let tokenizer: TextTokenizer;
  beforeAll(async () => {
    tokenizer = right(await sentencePieceTokenizer(bytes)());
  });

  it.each(encodings)('has the ids and the text of the official library for $text', ({ text, ids, decoded }) => {
    expect(tokenizer.encode(text, plainText)).toEqual(E.right(ids));
    expect(tokenizer.decode(ids)).toEqual(E.right(decoded));
  });

  it('knows its size and marks', () => {
    expect(tokenizer.vocabSize).toBe(860);
    expect(tokenizer.encode('', { addBos: true, addEos: true })).toEqual(E.right([2, 1]));
    expect(tokenizer.decode([2, 0, 1])).toEqual(E.right(''));
    expect(tokenizer.decode([860])).toEqual(E.left({ _tag: 'TokenOutOfRange', token: 860, vocabSize: 860 }));
    expect(tokenizer.encode('a\ud800', plainText)).toMatchObject(E.left({ _tag: 'NotTokenisable' }));
  });

  it('gives every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        // SentencePiece writes a space as U+2581, and so reads U+2581 as a space.
        const plain = text.replaceAll('\u2581', '');
        expect(tokenizer.decode(right(tokenizer.encode(plain, plainText)))).toEqual(E.right(plain));
      }),
    );
  });

  it('makes prompts', () => {
    expect(pi0Prompt(tokenizer, { maxTokenLen: 8 })('pick_up the red cup')).toMatchObject(
      E.right({ tokens: Int32Array.of(2, 680, 821, 742, 551, 584, 635, 4) }),
    );
  });
});

describe('a model that is none', () => {
  it.each([
    ['no bytes', new Uint8Array(), 'it holds no pieces'],
    ['text', Uint8Array.from('{"model": 1}', (c) => c.charCodeAt(0)), 'its protocol buffer breaks off'],
    ['half of one', bytes.slice(0, bytes.length - 400), 'its protocol buffer breaks off'],
    ['a length beyond its end', Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0x7f, 0), 'its protocol buffer breaks off'],
    ['a piece that is not known as unknown', Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61), 'it has no unknown piece'],
    // One piece of type 2, and no trainer's settings: the marks are pieces 1 and 2.
    ['no marks', Uint8Array.of(0x0a, 2, 0x18, 2), 'pieces 1 and 2 are not its beginning and end marks'],
    // The same with bos_id = −1 in the trainer's settings: field 41 as ten bytes.
    [
      'no beginning mark',
      Uint8Array.of(0x0a, 2, 0x18, 2, 0x12, 12, 0xc8, 0x02, ...Array<number>(9).fill(0xff), 1),
      'pieces -1 and 2 are not',
    ],
  ])('%s', async (_, damaged, reason) => {
    const refused = await sentencePieceTokenizer(damaged)();
    expect(refused).toMatchObject(E.left({ _tag: 'BadVocabulary' }));
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(
      `the SentencePiece model is damaged or something else: ${reason}`,
    );
  });

  it('whose pieces are there twice, which only the library sees', async () => {
    const twice = await sentencePieceTokenizer(Uint8Array.from([...bytes, ...bytes]))();
    expect(twice).toMatchObject(E.left({ _tag: 'BadVocabulary' }));
    expect(E.isLeft(twice) && showTokenizerError(twice.left)).toContain('SentencePiece refuses the model');
  });
});
