import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeNormStats } from '../../src/stats/compute-norm-stats.js';
import { quantilesOf, type Stream, valuesAtRanks, type WeightedValues } from '../../src/stats/order-statistics.js';
import { normalize } from '../../src/transforms/normalize.js';
import { datasetOf, episodeOf } from '../memory-dataset.js';
import { right } from '../right.js';

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Values that repeat, beside any others. */
const value = fc.oneof(anyFloat, fc.constantFrom(0, 1, -1, 0.5));

const streamOf =
  (parts: readonly WeightedValues[]): Stream =>
  (use) => {
    for (const part of parts) use(part);
  };

const ascending = (a: number, b: number): number => a - b;

const repeated = (parts: readonly WeightedValues[]): readonly number[] =>
  parts
    .flatMap(({ values, weights }) => [...values].flatMap((x, i) => Array.from({ length: weights?.[i] ?? 1 }, () => x)))
    .toSorted(ascending);

const part = fc
  .array(fc.tuple(value, fc.nat(3)), { minLength: 1, maxLength: 30 })
  .chain((rows) =>
    fc.constantFrom<WeightedValues>(
      { values: Float32Array.from(rows, ([x]) => x) },
      { values: Float32Array.from(rows, ([x]) => x), weights: Float64Array.from(rows, ([, weight]) => weight) },
    ),
  );

const parts = fc.array(part, { minLength: 1, maxLength: 4 }).filter((all) => repeated(all).length > 0);

describe('valuesAtRanks', () => {
  it('gives those of the sorted list', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const sorted = repeated(all);
        const found = valuesAtRanks(
          streamOf(all),
          sorted.map((_, rank) => rank),
        );
        // The sign of a zero has no place in an order.
        expect(found.map((x) => x + 0)).toEqual(sorted.map((x) => x + 0));
      }),
    );
  });
});

describe('quantilesOf', () => {
  // numpy 2.2: numpy.quantile([1, 2, 4, 8, 16], [0, 0.01, 0.25, 0.6, 0.99, 1])
  it('lies between two values as numpy’s does', () => {
    const stream = streamOf([{ values: Float32Array.of(8, 1, 16, 2, 4) }]);
    const found = quantilesOf(stream, 5, [0, 0.01, 0.25, 0.6, 0.99, 1]);
    for (const [i, expected] of [1, 1.04, 2, 5.6, 15.68, 16].entries()) expect(found[i]).toBeCloseTo(expected, 12);
  });
});

const rows = (n: number, of: (row: number) => readonly number[]): readonly number[] =>
  Array.from({ length: n }, (_, row) => of(row)).flat();

describe('computeNormStats with exact percentiles', () => {
  it('is that of all windows written out, whatever the horizon and the mask', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
    const small = fc.float({ min: -8, max: 8, noNaN: true });
    const numbers = (n: number): fc.Arbitrary<number[]> => fc.array(small, { minLength: n, maxLength: n });
    const recorded = lengths.chain((all) =>
      fc.tuple(...all.map((length) => fc.tuple(fc.constant(length), numbers(2 * length), numbers(2 * length)))),
    );
    fc.assert(
      fc.property(recorded, fc.integer({ min: 1, max: 8 }), fc.boolean(), (all, ah, isDelta) => {
        fc.pre(
          all.reduce((sum, [length]) => sum + length, 0) * ah > 1 && all.reduce((sum, [length]) => sum + length, 0) > 1,
        );
        const dataset = datasetOf(all.map(([length, state, action], i) => episodeOf(i, length, state, action)));
        const spec = { actionHorizon: ah, deltaMask: [isDelta, false] };
        const found = right(
          computeNormStats(
            dataset,
            dataset.episodes.map(({ index }) => index),
            spec,
          ),
        );
        for (const dim of [0, 1]) {
          const seen = dataset.episodes.flatMap(({ length, state, action }) =>
            Array.from({ length }, (_, frame) =>
              Array.from({ length: ah }, (__, h) => {
                const x = action[2 * Math.min(frame + h, length - 1) + dim] ?? 0;
                return isDelta && dim === 0 ? Math.fround(x - (state[2 * frame] ?? 0)) : x;
              }),
            ).flat(),
          );
          const sorted = seen.toSorted(ascending);
          const mean = seen.reduce((sum, x) => sum + x, 0) / seen.length;
          expect(found.actions.mean[dim]).toBeCloseTo(mean, 9);
          const variance = seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / seen.length;
          expect((found.actions.std[dim] ?? 0) ** 2).toBeCloseTo(variance, 9);
          const [low = 0, high = 0] = [found.actions.q01?.[dim], found.actions.q99?.[dim]];
          expect(low).toBeGreaterThanOrEqual(sorted[0] ?? 0);
          expect(high).toBeLessThanOrEqual(sorted.at(-1) ?? 0);
        }
      }),
    );
  });

  it('never makes the common value of a gripper a wild number', () => {
    // 400 frames, of which one is 0; the state of the other joint is nearly still, with one such frame.
    const state = rows(400, (row) => [row === 200 ? 0 : 1, row === 100 ? 0 : 0.9998 + 1e-6 * (row % 7)]);
    const dataset = datasetOf([episodeOf(0, 400, state, state)]);
    const stats = right(computeNormStats(dataset, [0], { actionHorizon: 1 }));
    const seen = right(normalize(stats.state, 'quantile', 2)(Float32Array.from(state)));
    for (const x of seen) expect(Math.abs(x)).toBeLessThan(2);
  });

  it('widens nothing for a number far beyond all others', () => {
    const state = rows(400, (row) => [row === 200 ? 1e30 : Math.sin(row)]);
    const wild = datasetOf([episodeOf(0, 400, state, state)]);
    const stats = right(
      computeNormStats({ ...wild, stateNames: ['a'], actionNames: ['a'] }, [0], { actionHorizon: 1 }),
    );
    expect(stats.state.q99?.[0]).toBeLessThan(2);
  });
});
