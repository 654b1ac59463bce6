import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type ActionChunk, fastTokenizer, fitFast, readFast, saveFast, showTokenizerError } from '../../src/index.js';
import { right } from '../right.js';
import { chunks, publishedFiles } from './fixture.js';

const constant = (value: number, ah = 4, ad = 1): ActionChunk => ({
  shape: [ah, ad],
  data: new Float64Array(ah * ad).fill(value),
});

// DCT of a constant: twice it at frequency 0, so coefficients -10 to 10.
const fitted = right(fitFast([constant(-0.5), constant(0.5)]));
const tokenizer = fastTokenizer(fitted);

describe('encode refuses', () => {
  it('a coefficient outside the alphabet, by place and range', () => {
    const refused = tokenizer.encode(constant(2));
    expect(refused).toMatchObject(
      E.left({ _tag: 'CoefficientOutOfRange', coefficient: 40, frequency: 0, dimension: 0, lowest: -10, highest: 10 }),
    );
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(
      'coefficient 40 at frequency 0 of dimension 0',
    );
  });

  it('a value that is no number, and a chunk of another shape', () => {
    expect(tokenizer.encode(constant(Number.NaN))).toMatchObject(E.left({ _tag: 'BadAction', step: 0, dimension: 0 }));
    expect(tokenizer.encode(constant(0, 5))).toMatchObject(
      E.left({ _tag: 'BadActionShape', expected: '4×1, as it was fitted' }),
    );
    expect(tokenizer.encode({ shape: [4, 1], data: new Float64Array(3) })).toMatchObject(
      E.left({ _tag: 'BadActionShape', values: 3 }),
    );
  });

  it('clamps on request, and counts', () => {
    const clamping = fastTokenizer(fitted, { onOutOfRange: 'clamp' });
    expect(clamping.encodeCounted(constant(2))).toEqual(
      E.map((tokens) => ({ tokens, clamped: 1 }))(tokenizer.encode(constant(0.5))),
    );
    expect(clamping.encodeCounted(constant(-2))).toMatchObject(E.right({ clamped: 1 }));
    expect(clamping.encodeCounted(constant(0.25))).toMatchObject(E.right({ clamped: 0 }));
  });

  it('a coefficient of the published form whose bytes never occurred, where the processor drops it', () => {
    const published = fastTokenizer(right(fitFast([constant(-0.5), constant(0.5)], { form: 'published' })));
    expect(published.encode(constant(0.25))).toMatchObject(E.left({ _tag: 'CoefficientOutOfRange', coefficient: 5 }));
  });
});

describe('decode refuses', () => {
  const tokens = right(tokenizer.encode(constant(0.25)));

  it('tokens that give another count of coefficients, with the counts', () => {
    const refused = tokenizer.decode([...tokens, ...tokens], [4, 1]);
    expect(refused).toMatchObject(E.left({ _tag: 'BadActionTokens', values: 8, shape: [4, 1] }));
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain('8 values: expected 4 × 1 = 4');
    expect(tokenizer.decode([], [4, 1])).toMatchObject(E.left({ _tag: 'BadActionTokens', tokens: 0, values: 0 }));
  });

  it('ids outside the vocabulary', () => {
    const { vocabSize } = tokenizer;
    expect(tokenizer.decode([vocabSize], [4, 1])).toEqual(
      E.left({ _tag: 'TokenOutOfRange', token: vocabSize, vocabSize }),
    );
  });

  it('bytes that break off inside a character', () => {
    const wide = right(fitFast([constant(-10), constant(10)]));
    const half = wide.bytePairs.vocab.indexOf('Â');
    expect(half).toBeGreaterThanOrEqual(0);
    expect(fastTokenizer(wide).decode([half], [4, 1])).toEqual(E.left({ _tag: 'BrokenCoefficient', tokens: 1 }));
  });
});

describe('fitFast refuses', () => {
  it.each([
    ['no chunk', [], {}, 'there is no chunk'],
    ['a scale of 0', [constant(1)], { scale: 0 }, 'scale is 0'],
    ['a size of 1.5', [constant(1)], { vocabSize: 1.5 }, 'vocabSize is 1.5'],
    [
      'a vocabulary that its alphabet fills',
      [constant(-1), constant(1)],
      { vocabSize: 20 },
      'take 41 ids and vocabSize is 20',
    ],
    ['a span without characters', [constant(-1), constant(1)], { scale: 1e5 }, 'span 400000'],
  ] as const)('%s', (_, list, options, message) => {
    const refused = fitFast(list, options);
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(message);
  });

  it('a value that is no number', () => {
    expect(fitFast([constant(0), constant(Number.POSITIVE_INFINITY)])).toMatchObject(E.left({ _tag: 'BadAction' }));
  });
});

const edited = (path: readonly (string | number)[], value: unknown): string => {
  const json: unknown = JSON.parse(publishedFiles['tokenizer.json']);
  let at: unknown = json;
  for (const key of path.slice(0, -1)) at = Reflect.get(Object(at), key);
  Reflect.set(Object(at), path.at(-1) ?? '', value);
  return JSON.stringify(json);
};

describe('readFast refuses', () => {
  it.each([
    [['normalizer'], { type: 'NFC' }, 'normalizer: expected no normalizer'],
    [['truncation'], { max_length: 8 }, 'truncation'],
    [['padding'], {}, 'padding'],
    [['added_tokens'], [{ id: 0, content: 'x' }], 'added_tokens'],
    [['pre_tokenizer', 'type'], 'Whitespace', 'pre_tokenizer.type'],
    [['pre_tokenizer', 'add_prefix_space'], true, 'pre_tokenizer.add_prefix_space'],
    [['model', 'type'], 'WordPiece', 'model.type'],
    [['model', 'unk_token'], '?', 'model.unk_token'],
    [['model', 'vocab', 'z'], 0.5, 'model.vocab: expected each id'],
    [['model', 'vocab'], [], 'model.vocab: expected an object'],
    [['model', 'merges', 3], ['a', 'nowhere'], 'model.merges[3]'],
    [['model', 'merges', 2], 'a b c', 'model.merges[2]'],
    [['model', 'merges'], null, 'model.merges: expected an array'],
  ] as const)('%j = %j', (path, value, message) => {
    const refused = readFast({ ...publishedFiles, 'tokenizer.json': edited(path, value) });
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(`tokenizer.json: ${message}`);
  });

  it.each([
    ['{', 'processor_config.json: expected JSON'],
    ['[]', 'processor_config.json: expected an object'],
    ['{}', 'scale: expected a number above 0'],
    ['{"scale": 0}', 'scale'],
    ['{"scale": 10, "vocab_size": 3, "min_token": 0}', 'vocab_size: expected at least'],
    ['{"scale": 10, "vocab_size": 999, "min_token": "0"}', 'min_token'],
    ['{"scale": 10, "vocab_size": 999, "min_token": 0, "time_horizon": 0}', 'time_horizon'],
  ])('processor_config.json %s', (text, message) => {
    const refused = readFast({ ...publishedFiles, 'processor_config.json': text });
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(message);
  });

  it('never throws, whatever the JSON', () => {
    const saved = saveFast(right(fitFast(chunks)));
    const paths = ['model', 'pre_tokenizer', 'added_tokens', 'normalizer', 'truncation'];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), fc.json(), (key, value, config) => {
        readFast({ ...saved, 'tokenizer.json': edited([key], value) });
        readFast({ ...saved, 'processor_config.json': config });
        readFast({ ...saved, 'tokenizer.json': edited(['model', 'vocab'], value) });
        readFast({ ...saved, 'tokenizer.json': edited(['model', 'merges'], value) });
      }),
    );
  });
});
