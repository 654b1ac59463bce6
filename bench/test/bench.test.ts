import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bench, measure } from '../src/bench.js';

const bench = (ours: number, reference: number, bound: Bench['bound']): Bench => ({
  name: 'a',
  reference: 'b',
  bound,
  run: () => Promise.resolve({ ours, reference, unit: 'ms' }),
});

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

describe('measure', () => {
  it('a bound is kept exactly when the ratio is on its side', () =>
    fc.assert(
      fc.asyncProperty(positive, positive, positive, async (ours, reference, limit) => {
        const atMost = await measure(bench(ours, reference, { atMost: limit }));
        const atLeast = await measure(bench(ours, reference, { atLeast: limit }));
        expect(atMost).toMatchObject({ holds: ours / reference <= limit });
        expect(atLeast).toMatchObject({ holds: ours / reference >= limit });
      }),
    ));

  it('says what it compared', async () => {
    expect(await measure(bench(3, 2, { atMost: 1.1 }))).toEqual({
      name: 'a',
      against: 'b',
      bound: '≤ 1.1',
      holds: false,
      ours: 3,
      ratio: 1.5,
      reference: 2,
      unit: 'ms',
    });
  });

  it('says why it compared nothing', async () => {
    const absent: Bench = { ...bench(1, 1, { atMost: 1 }), run: () => Promise.resolve({ skipped: 'no such backend' }) };
    expect(await measure(absent)).toEqual({ name: 'a', skipped: 'no such backend' });
  });
});
