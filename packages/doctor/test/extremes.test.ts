import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { extremes } from '../src/extremes.js';

const blocks = fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 4,
});

it('has the 16 largest and the 16 smallest values', () => {
  fc.assert(
    fc.property(blocks, (all) => {
      const outermost = extremes(1);
      for (const [index, values] of all.entries()) outermost.add({ index }, Float32Array.from(values));
      const sorted = all.flat().toSorted((a, b) => a - b);
      expect(outermost.lowest(0).map(({ value }) => value + 0)).toEqual(sorted.slice(0, 16));
      expect(outermost.highest(0).map(({ value }) => value)).toEqual(sorted.toReversed().slice(0, 16));
    }),
  );
});

it('knows where they are, of equal ones the first', () => {
  const outermost = extremes(2);
  outermost.add({ index: 4 }, Float32Array.of(0, 5, 1, 9));
  outermost.add({ index: 7 }, Float32Array.of(1, 5, -3, 9));
  expect(outermost.highest(0)[0]).toEqual({ value: 1, episode: 4, frame: 1 });
  expect(outermost.lowest(0)[0]).toEqual({ value: -3, episode: 7, frame: 1 });
  expect(outermost.highest(1).slice(0, 2)).toEqual([
    { value: 9, episode: 4, frame: 1 },
    { value: 9, episode: 7, frame: 1 },
  ]);
});
