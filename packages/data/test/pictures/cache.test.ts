import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pictureCache } from '../../src/pictures/cache.js';

it('gives what was put last or nothing, and never holds more than it may', () => {
  const puts = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat(12) }));
  fc.assert(
    fc.property(fc.nat(20), puts, (most, all) => {
      const cache = pictureCache(most);
      const last = new Map<string, Uint8Array>();
      for (const { name, size } of all) {
        const picture = new Uint8Array(size);
        cache.put(name, picture);
        last.set(name, picture);
        const kept = [...last.keys()].flatMap((key) => cache.get(key) ?? []);
        expect(kept.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(most);
        for (const [key, value] of last) expect([value, undefined]).toContain(cache.get(key));
      }
    }),
  );
});

it('drops what was used longest ago', () => {
  const cache = pictureCache(2);
  cache.put('a', new Uint8Array(1));
  cache.put('b', new Uint8Array(1));
  cache.get('a');
  cache.put('c', new Uint8Array(1));
  expect(['a', 'b', 'c'].filter((name) => cache.get(name) !== undefined)).toEqual(['a', 'c']);
});
