import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherBatch } from '../../src/sampling/batch.js';
import { samplesOf } from '../../src/sampling/samples.js';
import { computeNormStats } from '../../src/stats/compute-norm-stats.js';
import { parseNormStats, showNormStats } from '../../src/stats/norm-stats.js';
import { runningStats } from '../../src/stats/running-stats.js';
import { showZeroVariance, zeroVariance } from '../../src/stats/zero-variance.js';
import { deltaActions } from '../../src/transforms/delta.js';
import { datasetOf, episodeOf } from '../memory-dataset.js';
import { left, right } from '../right.js';

const value = fc.float({ min: -50, max: 50, noNaN: true });
const vectors = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 60 });

const meanOf = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const column = (rows: readonly (readonly [number, number])[], i: 0 | 1): readonly number[] => rows.map((row) => row[i]);

describe('runningStats', () => {
  it('mean and std are those of all vectors, however they are batched', () => {
    fc.assert(
      fc.property(vectors, fc.nat(60), (rows, cut) => {
        const stats = runningStats(2);
        stats.update(Float64Array.from(rows.slice(0, cut).flat()));
        stats.update(Float64Array.from(rows.slice(cut).flat()));
        const found = right(stats.statistics());
        for (const i of [0, 1] as const) {
          const mean = meanOf(column(rows, i));
          const variance = meanOf(column(rows, i).map((x) => (x - mean) ** 2));
          expect(found.mean[i]).toBeCloseTo(mean, 9);
          expect((found.std[i] ?? 0) ** 2).toBeCloseTo(variance, 8);
        }
      }),
    );
  });

  it('with a range, percentiles do not depend on batches and are within a bin of an order statistic', () => {
    fc.assert(
      fc.property(vectors, fc.nat(60), (rows, cut) => {
        const range = { min: [-50, -50], max: [50, 50] };
        const [whole, parts] = [runningStats(2, { range }), runningStats(2, { range })];
        whole.update(Float64Array.from(rows.flat()));
        parts.update(Float64Array.from(rows.slice(cut).flat()));
        parts.update(Float64Array.from(rows.slice(0, cut).flat()));
        const [a, b] = [right(whole.statistics()), right(parts.statistics())];
        expect([b.q01, b.q99]).toEqual([a.q01, a.q99]);
        for (const i of [0, 1] as const) {
          const sorted = column(rows, i).toSorted((x, y) => x - y);
          const exact = sorted[Math.ceil(0.99 * rows.length) - 1] ?? Number.NaN;
          expect(exact - (a.q99?.[i] ?? Number.NaN)).toBeGreaterThanOrEqual(0);
          expect(exact - (a.q99?.[i] ?? Number.NaN)).toBeLessThanOrEqual(100.001 / 5000);
        }
      }),
    );
  });

  it('needs two vectors', () => {
    const stats = runningStats(1);
    expect(left(stats.statistics())).toEqual({ _tag: 'TooFewVectors', count: 0 });
    stats.update(Float32Array.of(1));
    expect(left(stats.statistics())).toEqual({ _tag: 'TooFewVectors', count: 1 });
  });
});

describe('computeNormStats', () => {
  const rows = (length: number, width: number, from: number): readonly number[] =>
    Array.from({ length: length * width }, (_, i) => Math.sin(from + i * 1.7) * (1 + (i % width)));
  const dataset = datasetOf([
    episodeOf(0, 7, rows(7, 2, 1), rows(7, 2, 2)),
    episodeOf(1, 4, rows(4, 2, 3), rows(4, 2, 4)),
    episodeOf(2, 5, rows(5, 2, 50), rows(5, 2, 60)),
  ]);

  it('is the statistics of what training sees: the delta windows of the training episodes', () => {
    const spec = { actionHorizon: 4, deltaMask: [true, false], quantiles: 'histogram' as const };
    const found = right(computeNormStats(dataset, [0, 1], spec));
    const samples = right(samplesOf(dataset, [0, 1]));
    const batch = right(
      gatherBatch(
        samples,
        spec,
        Array.from({ length: samples.count }, (_, i) => i),
      ),
    );
    const seen = right(deltaActions(spec.deltaMask)(batch));
    for (const [vector, data] of [
      ['state', seen.state],
      ['actions', seen.actions],
    ] as const) {
      const stats = runningStats(2);
      stats.update(Float64Array.from(data));
      const expected = right(stats.statistics());
      found[vector].mean.forEach((mean, i) => {
        expect(mean).toBeCloseTo(expected.mean[i] ?? Number.NaN, 12);
      });
      found[vector].std.forEach((std, i) => {
        expect(std).toBeCloseTo(expected.std[i] ?? Number.NaN, 12);
      });
      expect([found[vector].q01, found[vector].q99]).toEqual([expected.q01, expected.q99]);
    }
  });

  it('does not see other episodes', () => {
    const changed = datasetOf([...dataset.episodes.slice(0, 2), episodeOf(2, 1, [1e6, 1e6], [1e6, 1e6])]);
    const spec = { actionHorizon: 3 };
    expect(computeNormStats(changed, [0, 1], spec)).toEqual(computeNormStats(dataset, [0, 1], spec));
  });

  it('refuses a horizon of 0, a long mask and unknown episodes', () => {
    expect(left(computeNormStats(dataset, [0], { actionHorizon: 0 }))).toMatchObject({ _tag: 'ShapeMismatch' });
    const deltaMask = [true, true, true];
    expect(left(computeNormStats(dataset, [0], { actionHorizon: 1, deltaMask }))).toMatchObject({
      _tag: 'ShapeMismatch',
    });
    expect(left(computeNormStats(dataset, [9], { actionHorizon: 1 }))).toMatchObject({ _tag: 'UnknownEpisode' });
  });

  it('names the dimensions that never vary', () => {
    const still = datasetOf([episodeOf(0, 3, [0.1, 5, 0.2, 5, 0.3, 5], [0.7, 1, 0.7, 2, 0.7, 3])]);
    const stats = right(computeNormStats(still, [0], { actionHorizon: 2 }));
    const names = { state: ['arm', 'grip'], actions: ['arm', 'grip'] };
    for (const mode of ['mean_std', 'quantile'] as const) {
      expect(zeroVariance(stats, mode, names)).toEqual([
        { vector: 'state', dim: 1, name: 'grip', spread: mode },
        { vector: 'actions', dim: 0, name: 'arm', spread: mode },
      ]);
    }
    const [first] = zeroVariance(stats, 'mean_std', names);
    expect(first && showZeroVariance(first)).toContain('state dimension 1 (grip) is the same in every frame');
  });
});

describe('norm_stats.json', () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 2 });
  const stats = fc.record({
    mean: numbers,
    std: numbers,
    q01: fc.option(numbers, { nil: null }),
    q99: fc.option(numbers, { nil: null }),
  });

  it('round trip', () => {
    fc.assert(
      fc.property(fc.record({ state: stats, actions: stats }), (all) => {
        const positive = JSON.parse(JSON.stringify(all));
        expect(right(parseNormStats('norm_stats.json', showNormStats(all)))).toEqual(positive);
      }),
    );
  });

  it('reads a file of openpi’s, without percentiles', () => {
    const content =
      '{"norm_stats":{"state":{"mean":[1.0],"std":[2.0]},"actions":{"mean":[3.0],"std":[4.0],"q01":null,"q99":null}}}';
    expect(right(parseNormStats('x', content)).state).toEqual({ mean: [1], std: [2], q01: null, q99: null });
  });

  it.each([
    ['{"norm_stats":{"state":{"mean":[1]}}}', 'norm_stats.state.std'],
    ['{"norm_stats":{"state":{"mean":[1],"std":[1,2]},"actions":{}}}', 'norm_stats.state'],
    ['{"state":{}}', 'norm_stats'],
    ['{"norm_stats":{"state":{"mean":[1],"std":[1]}}}', 'norm_stats.actions'],
  ])('refuses %s', (content, field) => {
    expect(left(parseNormStats('x', content))).toMatchObject({ _tag: 'InvalidField', file: 'x', field });
  });

  it('refuses what is no JSON', () => {
    expect(left(parseNormStats('x', '{'))).toMatchObject({ _tag: 'MalformedJson', file: 'x' });
  });
});
