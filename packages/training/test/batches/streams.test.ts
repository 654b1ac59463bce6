import { foldIn, type Key, key } from '@torsor/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawFlow,
  drawFlowEach,
  evaluateKey,
  initKey,
  sampleKey,
  shuffleSeed,
  splitSeed,
  trainKey,
} from '../../src/batches/streams.js';

const seed = fc.nat(2 ** 32 - 1);

describe('keys', () => {
  it('differ between streams, steps, samples and draws of one seed', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const indices = [0, 1, 2, 3];
        const keys = [
          initKey(s),
          [0, shuffleSeed(s)],
          [0, splitSeed(s)],
          ...indices.flatMap((i) => [
            trainKey(s, i),
            evaluateKey(s, i),
            ...indices.map((draw) => sampleKey(s, i, draw)),
          ]),
        ];
        expect(new Set(keys.map(String)).size).toBe(keys.length);
      }),
    );
  });

  it('are foldIn(key(seed), stream) and so on: a stream has its number for ever', () => {
    const stream = (number: number): Key => foldIn(key(7), number);
    expect(initKey(7)).toEqual(stream(0));
    expect(shuffleSeed(7)).toBe(stream(1)[1]);
    expect(trainKey(7, 5)).toEqual(foldIn(stream(2), 5));
    expect(evaluateKey(7, 5)).toEqual(foldIn(stream(3), 5));
    expect(sampleKey(7, 5, 6)).toEqual(foldIn(foldIn(stream(4), 5), 6));
    expect(splitSeed(7)).toBe(stream(5)[1]);
  });
});

describe('draws', () => {
  const keys = fc.array(fc.tuple(seed, seed), { maxLength: 5 });

  it('of a list of keys are those of its parts', () => {
    fc.assert(
      fc.property(keys, keys, fc.integer({ min: 1, max: 9 }), (a: Key[], b: Key[], chunk) => {
        const [both, first, second] = [
          drawFlowEach([...a, ...b], chunk),
          drawFlowEach(a, chunk),
          drawFlowEach(b, chunk),
        ];
        expect(both.noise).toEqual(Float32Array.from([...first.noise, ...second.noise]));
        expect(both.time).toEqual(Float32Array.from([...first.time, ...second.time]));
      }),
    );
  });

  it('have times in (0, 1] with the mean 0.999 · 0.6 + 0.001 of the distribution, and noise of variance 1', () => {
    const { noise, time } = drawFlow(key(0), 20_000, 2);
    const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(time.every((t) => t >= 0.001 && t <= 1)).toBe(true);
    // Standard errors: 0.26 / √20000 for the times, √(2 / 40000) for the variance; the bounds are five of them.
    expect(Math.abs(mean(time) - (0.999 * 0.6 + 0.001))).toBeLessThan(0.0093);
    expect(Math.abs(mean(noise.map((x) => x * x)) - 1)).toBeLessThan(0.036);
  });
});
