import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../src/fast/bytes.js';
import { fastTokenizer, fitFast, readFast, saveFast } from '../../src/index.js';
import words from '../fixtures/fast/words.json' with { type: 'json' };
import { right } from '../right.js';
import { chunks, decoded, ids, publishedFiles, scale, shape, vocabSize } from './fixture.js';

describe("the published processor's algorithm, by Python", () => {
  const read = right(readFast(publishedFiles));

  it('fits the same vocabulary, id for id and merge for merge', () => {
    const fitted = right(fitFast(chunks, { scale, vocabSize, form: 'published' }));
    expect(fitted.bytePairs).toEqual(read.bytePairs);
    expect(fitted.minToken).toBe(read.minToken);
  });

  it('encodes to the same ids', () => {
    const tokenizer = fastTokenizer(read);
    expect(chunks.map((chunk) => right(tokenizer.encode(chunk)))).toEqual(ids);
  });

  it.each(decoded.map((actions, i) => ({ i, actions })))('decodes chunk $i to the same actions', ({ i, actions }) => {
    const { data } = right(fastTokenizer(read).decode(ids[i] ?? [], shape));
    // Printed with 12 decimals.
    for (const [j, value] of actions.entries()) expect(data[j]).toBeCloseTo(value, 11);
  });

  it.each(words)('cuts text at the same places', ({ codes, lengths }) => {
    const text = String.fromCharCode(...codes);
    expect(splitText(text, 'words').map((word) => word.length)).toEqual(lengths);
  });

  it('reads pairs in both of the forms that files have', () => {
    const saved = saveFast(read);
    expect(saved['tokenizer.json']).toMatch(/"merges": \[\s+"[^\s"]+ [^\s"]+"/);
    expect(publishedFiles['tokenizer.json']).toMatch(/"merges":\[\["/);
    expect(readFast(saved)).toEqual(E.right(read));
  });
});
