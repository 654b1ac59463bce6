import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shares } from '../../src/reading/shares.js';

it('shares are the list, one after another, no more than threads and none without its least', () => {
  const threads = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fc.array(fc.nat()), threads, threads, (items, most, least) => {
      const all = shares(items, most, least);
      expect(all.flat()).toEqual(items);
      expect(all.length).toBeLessThanOrEqual(most);
      const lengths = all.map((share) => share.length);
      if (all.length > 1) expect(Math.min(...lengths)).toBeGreaterThanOrEqual(least);
      if (all.length > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});
