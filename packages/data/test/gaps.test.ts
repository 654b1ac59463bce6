import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Episode } from '../src/dataset.js';
import { gapsIn, partsOf } from '../src/gaps.js';
import { gatherBatch } from '../src/sampling/batch.js';
import { samplesOf } from '../src/sampling/samples.js';
import { computeNormStats } from '../src/stats/compute-norm-stats.js';
import { datasetOf, episodeOf } from './memory-dataset.js';
import { right } from './right.js';

describe('gapsIn', () => {
  it('are steps of more than six frames, and steps back', () => {
    // At 10 Hz: one frame, six frames, 11 seconds, a restart.
    expect(gapsIn(Float32Array.of(0, 0.1, 0.7, 11.7, 0, 0.1, 0.2), 10)).toEqual([
      { frame: 3, seconds: expect.closeTo(11, 5) },
      { frame: 4, seconds: expect.closeTo(-11.7, 5) },
    ]);
  });
});

/** An episode of two dimensions, and where its time jumps. */
const broken = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }).chain((parts) =>
  fc.tuple(
    fc.constant(parts),
    fc.array(fc.float({ min: -8, max: 8, noNaN: true }), {
      minLength: 2 * parts.reduce((sum, part) => sum + part, 0),
      maxLength: 2 * parts.reduce((sum, part) => sum + part, 0),
    }),
  ),
);

const episodeWith = (parts: readonly number[], values: readonly number[]): Episode => {
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part, 0));
  return {
    ...episodeOf(0, values.length / 2, values, values),
    gaps: starts.slice(1).map((frame) => ({ frame, seconds: 9 })),
  };
};

it('has no gap at every frame of a dataset that declares a wrong rate', () => {
  const slow = Float32Array.from({ length: 9 }, (_, i) => i);
  expect(gapsIn(slow, 30)).toEqual([]);
  expect(
    gapsIn(
      slow.map((t, i) => (i > 4 ? t + 9 : t)),
      30,
    ),
  ).toEqual([{ frame: 5, seconds: 10 }]);
});

describe('an episode with gaps', () => {
  it('is its parts, one after another', () => {
    fc.assert(
      fc.property(broken, ([parts, values]) => {
        const found = partsOf(episodeWith(parts, values), { sd: 2, ad: 2 });
        expect(found.map(({ length }) => length)).toEqual(parts);
        expect(found.flatMap(({ state }) => [...state])).toEqual(values.map(Math.fround));
        expect(found.flatMap(({ action }) => [...action])).toEqual(values.map(Math.fround));
      }),
    );
  });

  it('has the windows and the statistics of its parts as episodes', () => {
    const horizon = fc.integer({ min: 1, max: 9 });
    const kind = fc.constantFrom('exact' as const, 'histogram' as const);
    fc.assert(
      fc.property(broken, horizon, kind, ([parts, values], actionHorizon, quantiles) => {
        fc.pre(values.length > 2);
        const whole = datasetOf([episodeWith(parts, values)]);
        const apart = datasetOf(
          partsOf(whole.episodes[0] ?? expect.fail(), { sd: 2, ad: 2 }).map(({ length, state, action }, i) =>
            episodeOf(i, length, state, action),
          ),
        );
        const all = values.slice(values.length / 2).map((_, i) => i);
        const batch = right(gatherBatch(right(samplesOf(whole)), { actionHorizon }, all));
        const expected = right(gatherBatch(right(samplesOf(apart)), { actionHorizon }, all));
        expect([batch.actions, batch.actionIsPad]).toEqual([expected.actions, expected.actionIsPad]);
        const spec = { actionHorizon, deltaMask: [true, false], quantiles };
        const stats = right(computeNormStats(whole, [0], spec)).actions;
        expect(stats).toEqual(
          right(
            computeNormStats(
              apart,
              parts.map((_, i) => i),
              spec,
            ),
          ).actions,
        );
      }),
    );
  });
});
