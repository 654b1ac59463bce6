import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionErrors, meanOfSamples } from '../src/index.js';
import { refusal, right, scored } from './chunks.js';

describe('meanOfSamples', () => {
  it('of one sample is that sample', () => {
    fc.assert(
      fc.property(scored, ({ predictions: [sample = []] }) => {
        expect(Array.from(right(meanOfSamples([sample])))).toEqual(sample);
      }),
    );
  });

  it('has at most the mean of the errors of its samples', () => {
    fc.assert(
      fc.property(scored, ({ recorded, predictions }) => {
        const errors = predictions.map((sample) => right(actionErrors(recorded, sample)).mae);
        const average = errors.reduce((sum, x) => sum + x, 0) / errors.length;
        const ofMean = right(actionErrors(recorded, right(meanOfSamples(predictions)))).mae;
        expect(ofMean).toBeLessThanOrEqual(average * (1 + 1e-12) + 1e-12);
      }),
    );
  });

  it('refuses no samples and unequal ones', () => {
    expect(refusal(meanOfSamples([]))).toBe('NoSamples: the mean of no samples was asked for: draw at least one');
    expect(refusal(meanOfSamples([[1, 2], [1]]))).toBe('WrongLength: sample 1 has 1 elements, expected 2 by its shape');
  });
});
