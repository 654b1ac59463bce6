import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { joinCameraStats, pixelStep, sampledFrames, statsOfCamera } from '../../src/writing/camera-stats.js';
import { exactStats } from '../../src/writing/exact-stats.js';
import { type FeatureStats, statsOfRows } from '../../src/writing/feature-stats.js';

const close = (a: FeatureStats, b: FeatureStats, scale: number): void => {
  const { mean, std, ...rest } = a;
  const { mean: otherMean, std: otherStd, ...otherRest } = b;
  expect(rest).toEqual(otherRest);
  mean.forEach((x, i) => {
    expect(Math.abs(x - (otherMean[i] ?? 0)) / scale).toBeLessThan(1e-13);
  });
  std.forEach((x, i) => {
    expect(Math.abs(x - (otherStd[i] ?? 0)) / scale).toBeLessThan(1e-13);
  });
};

const plus = (value: number): number => value + 0;

describe('exact statistics in passes', () => {
  it.each([
    ['f32', 32, fc.float({ noNaN: true, noDefaultInfinity: true })] as const,
    ['f64', 64, fc.double({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 53), max: 2 ** 53 })] as const,
    ['few values', 32, fc.integer({ min: -2, max: 2 })] as const,
  ])('are those of all rows at once, whatever the parts and their order: %s', (_, bits, number) => {
    const parts = fc.integer({ min: 1, max: 3 }).chain((dim) =>
      fc.record({
        dim: fc.constant(dim),
        parts: fc.array(
          fc.array(fc.array(number, { minLength: dim, maxLength: dim }), { minLength: 1, maxLength: 8 }),
          { minLength: 1, maxLength: 5 },
        ),
      }),
    );
    fc.assert(
      fc.property(parts, ({ dim, parts: given }) => {
        const stats = exactStats(dim, bits);
        const flat = given.map((part) => part.flat().map(plus));
        for (let pass = 0; pass < stats.passes; pass++) {
          for (const part of pass % 2 === 0 ? flat : flat.toReversed()) stats.add(part);
          stats.endPass();
        }
        const scale = Math.max(1e-300, ...flat.flat().map(Math.abs));
        close(stats.statistics(), statsOfRows(flat.flat(), dim), scale);
      }),
    );
  });
});

it("quantiles are numpy's: linear between neighbours", () => {
  // numpy 2.2.6: np.quantile([3, 1, 2, 10], [.01, .1, .5, .9, .99])
  const { q01, q10, q50, q90, q99 } = statsOfRows([3, 1, 2, 10], 1);
  expect([q01, q10, q50, q90, q99].flat()).toEqual([1.03, 1.3, 2.5, 7.900000000000001, 9.79]);
});

it('pictures are sampled as LeRobot samples them', () => {
  expect(sampledFrames(1)).toEqual([0]);
  expect(sampledFrames(100)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect([500, 1000, 2000, 5000, 20_000].map((length) => sampledFrames(length).length)).toEqual([
    105, 177, 299, 594, 1681,
  ]);
  // Halves go to the even one: 1.5 of 0, 1.5, 3 becomes 2, as numpy rounds.
  const all = sampledFrames(101);
  expect(all.length).toBe(100);
  expect([all[0], all.at(-1)]).toEqual([0, 100]);
  expect([pixelStep(299, 299), pixelStep(300, 200), pixelStep(480, 640), pixelStep(720, 1280)]).toEqual([1, 2, 4, 8]);
});

it('statistics of a camera are those of its pixels, on a scale from 0 to 1', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 12, maxLength: 12 }), { minLength: 1, maxLength: 4 }), (frames) => {
      const found = statsOfCamera(frames.length, { height: 2, width: 2 }, (frame) =>
        E.right(frames[frame] ?? new Uint8Array()),
      );
      const direct = statsOfRows(
        frames.flatMap((frame) => [...frame]),
        3,
      );
      const { count, ...stats } = E.isRight(found) ? found.right : expect.fail();
      expect(count).toBe(frames.length);
      for (const [key, values] of Object.entries(stats)) {
        values.forEach((x, i) => {
          expect(x).toBeCloseTo((direct[key as 'min'][i] ?? 0) / 255, 12);
        });
      }
    }),
  );
});

it('means and deviations of episodes joined are those of all pictures', () => {
  const pictures = fc.array(fc.uint8Array({ minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 });
  const of = (frames: readonly Uint8Array[]): FeatureStats => {
    const found = statsOfCamera(frames.length, { height: 1, width: 1 }, (frame) =>
      E.right(frames[frame] ?? new Uint8Array()),
    );
    return E.isRight(found) ? found.right : expect.fail();
  };
  fc.assert(
    fc.property(fc.array(pictures, { minLength: 1, maxLength: 4 }), (episodes) => {
      const [joined, whole] = [joinCameraStats(episodes.map(of)), of(episodes.flat())];
      expect(joined.count).toBe(whole.count);
      for (const key of ['min', 'max', 'mean', 'std'] as const) {
        joined[key].forEach((x, i) => {
          expect(x).toBeCloseTo(whole[key][i] ?? 0, 7);
        });
      }
    }),
  );
});
