import fc from 'fast-check';
import { describe, it } from 'vitest';
import { constantSchedule } from '../src/index.js';
import { made, notFinite, refusal, value, warmup } from './arbitrary.js';

describe('constantSchedule', () => {
  it('is its value at every count', () => {
    fc.assert(fc.property(value, warmup, (x, count) => made(constantSchedule(x))(count) === x));
  });

  it('refuses what is not finite', () => {
    fc.assert(fc.property(notFinite, (x) => refusal(constantSchedule(x)) === 'NotFinite'));
  });
});
