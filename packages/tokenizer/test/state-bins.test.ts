import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { stateBins } from '../src/index.js';

const binOf = (x: number): number => {
  const bins = stateBins([x]);
  return E.isRight(bins) ? (bins.right[0] ?? Number.NaN) : Number.NaN;
};

it('bin i holds [i/128 - 1, (i+1)/128 - 1), and the last one everything above', () => {
  const edge = fc.integer({ min: -140, max: 140 }).map((k) => k / 128);
  const near = fc.tuple(edge, fc.constantFrom(0, 1e-17, -1e-17, 1e-9, -1e-9)).map(([e, d]) => e + d);
  fc.assert(
    fc.property(fc.oneof(near, fc.double({ min: -2, max: 2, noNaN: true })), (x) => {
      const bin = binOf(x);
      if (bin === -1) expect(x).toBeLessThan(-1);
      else expect(x).toBeGreaterThanOrEqual(bin / 128 - 1);
      if (bin < 255) expect(x).toBeLessThan((bin + 1) / 128 - 1);
    }),
  );
});

it('stays below an edge where x + 1 rounds up to it', () => {
  expect(binOf(-1e-17)).toBe(127);
});
