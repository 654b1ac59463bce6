import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fidelity, markdownTable, terminalTable, worstBy } from '../golden/fidelity/table.js';

const kinds = ['exact', 'forward', 'gradients'] as const;

const entry: fc.Arbitrary<Fidelity> = fc.record({
  group: fc.constantFrom('pi0', 'gqa/kv2'),
  kind: fc.constantFrom(...kinds),
  array: fc.constantFrom('v_t', 'loss'),
  backend: fc.constantFrom('xla', 'wasm'),
  error: fc.double({ min: 0, max: 1, noNaN: true }),
  bound: fc.double({ min: 1e-6, max: 1, noNaN: true }),
});

const key = ({ group, backend }: Fidelity): readonly string[] => [group, backend];

describe('the table of errors', () => {
  it('has a row per key with the entry that used most of its bound, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), (entries) => {
        const rows = worstBy(entries, key);
        expect(new Set(rows.map(({ worst }) => key(worst).join(' '))).size).toBe(rows.length);
        expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(entries.length);
        for (const { worst } of rows) {
          const own = entries.filter((other) => key(other).join() === key(worst).join());
          for (const { error, bound } of own) expect(worst.error / worst.bound).toBeGreaterThanOrEqual(error / bound);
        }
        const again = worstBy(entries.toReversed(), key);
        expect(again.map(({ count }) => count)).toEqual(rows.map(({ count }) => count));
      }),
    );
  });

  it('puts an error that is no number, or one beyond the bound 0, before all others', () => {
    const of = (error: number, bound: number): Fidelity => ({
      group: 'pi0',
      kind: 'forward',
      array: 'v_t',
      backend: 'xla',
      error,
      bound,
    });
    expect(worstBy([of(0.5, 1), of(Number.NaN, 1), of(0.9, 1)], key)[0]?.worst.error).toBeNaN();
    expect(worstBy([of(0.5, 1), of(1, 0), of(0, 0)], key)[0]?.worst.bound).toBe(0);
  });

  it('prints every row, in a terminal and in Markdown', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), (entries) => {
        const rows = worstBy(entries, key).length;
        expect(terminalTable(entries).trimEnd().split('\n').length).toBe(4 + rows);
        const cells = markdownTable(entries)
          .split('\n')
          .map((line) => line.split('|').length);
        expect(new Set(cells).size).toBe(1);
      }),
    );
  });
});
