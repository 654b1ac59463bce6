import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { learningRate } from '../../src/update/learning-rate.js';

const rates = (config: Parameters<typeof learningRate>[0], ...counts: number[]): readonly number[] => {
  const schedule = learningRate(config);
  return E.isRight(schedule) ? counts.map(schedule.right) : [];
};

// Expected by the formulae of openpi's training/optimizer.py, by hand.
it.each([
  [
    'cosine',
    { kind: 'cosine', warmupSteps: 4, peakLr: 1, decaySteps: 8, decayLr: 0.5 },
    [0.2, 1, 0.75, 0.5, 0.5],
    [0, 4, 6, 8, 99],
  ],
  ['rsqrt', { kind: 'rsqrt', warmupSteps: 1, peakLr: 2, timescale: 3 }, [1, 2, 1], [0, 1, 10]],
  ['constant', { kind: 'constant', lr: 0.3 }, [0.3, 0.3], [0, 9]],
  ['linear', { kind: 'linear', initLr: 1, endLr: 3, transitionSteps: 2 }, [1, 2, 3, 3], [0, 1, 2, 5]],
] as const)('%s', (_, config, expected, counts) => {
  const found = rates(config, ...counts);
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
});
