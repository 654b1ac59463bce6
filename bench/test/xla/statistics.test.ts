import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, spread } from '../../src/xla/statistics.js';

const some = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });

describe('median', () => {
  it('as many numbers lie below it as above', () =>
    fc.assert(
      fc.property(some, (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(below).toBeLessThanOrEqual(values.length / 2);
        expect(above).toBeLessThanOrEqual(values.length / 2);
      }),
    ));

  it('of none is not a number', () => expect(median([])).toBeNaN());
});

describe('spread', () => {
  it('holds every number and is reached', () =>
    fc.assert(
      fc.property(some, (values) => {
        const [low, high] = spread(values);
        expect(values.every((value) => low <= value && value <= high)).toBe(true);
        expect(values).toEqual(expect.arrayContaining([low, high]));
      }),
    ));
});
