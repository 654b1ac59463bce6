import { type ActionChunk, fastTokenizer, fitFast } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { fastFindings } from '../../src/run/fast.js';

const chunk = (phase: number, size = 1): ActionChunk => ({
  shape: [8, 2],
  data: Float32Array.from({ length: 16 }, (_, i) => size * Math.sin(0.3 * i + phase)),
});

const chunks = Array.from({ length: 200 }, (_, i) => chunk(0.1 * i));

const fitted = (scale: number) => {
  const processor = fitFast(chunks, { scale, vocabSize: 512 });
  if (E.isLeft(processor)) throw new Error(processor.left._tag);
  return fastTokenizer(processor.right);
};

it('says how many tokens chunks have, and how far they come back', () => {
  const found = fastFindings(fitted(20), chunks).filter(({ severity }) => severity === 'note');
  expect(found).toMatchObject([{ _tag: 'ActionTokens', numbers: { chunks: 200 } }]);
  // A step of a coefficient is 1/20: what is rounded away is a twelfth of it in the mean square.
  expect(found[0]?.numbers['rmse']).toBeGreaterThan(0.01);
  expect(found[0]?.numbers['rmse']).toBeLessThan(0.0145);
});

it('warns of a scale that loses the motions', () => {
  const tags = fastFindings(fitted(1), chunks).map(({ _tag }) => _tag);
  expect(tags).toContain('CoarseActionTokens');
  expect(fastFindings(fitted(20), chunks).map(({ _tag }) => _tag)).not.toContain('CoarseActionTokens');
});

it('counts chunks without tokens, and says what to do', () => {
  const larger = [...chunks.slice(1), chunk(1, 3)];
  expect(fastFindings(fitted(20), larger)[0]).toMatchObject({
    _tag: 'NoActionTokens',
    severity: 'error',
    numbers: { refused: 1, chunks: 200 },
  });
});

it('warns where many chunks are near the edge of the alphabet, and not where few are', () => {
  const small = chunks.map(({ shape, data }) => ({ shape, data: data.map((x) => 0.5 * x) }));
  expect(fastFindings(fitted(20), chunks).map(({ _tag }) => _tag)).toContain('NearAlphabetEdge');
  expect(fastFindings(fitted(20), small).map(({ _tag }) => _tag)).not.toContain('NearAlphabetEdge');
});
