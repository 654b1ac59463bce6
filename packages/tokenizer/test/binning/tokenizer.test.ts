import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type ActionChunk, binningTokenizer, extractActions, fastSequence } from '../../src/index.js';
import { right } from '../right.js';
import { characters } from '../stub.js';

const row = (...values: readonly number[]): ActionChunk => ({
  shape: [1, values.length],
  data: Float64Array.from(values),
});
const unit = fc.double({ min: -1, max: 1, noNaN: true });
const bins = fc.constantFrom(2, 100, 256);

describe('binningTokenizer', () => {
  it('gives a value back within one bin, from below', () => {
    fc.assert(
      fc.property(bins, fc.array(unit, { minLength: 1 }), (n, values) => {
        const tokenizer = binningTokenizer(n);
        const { data } = right(tokenizer.decode(right(tokenizer.encode(row(...values))), [1, values.length]));
        for (const [i, a] of values.entries()) {
          expect(a - (data[i] ?? 0)).toBeGreaterThanOrEqual(-1e-15);
          expect(a - (data[i] ?? 0)).toBeLessThanOrEqual(2 / n + 1e-15);
        }
      }),
    );
  });

  it('gives every token back', () => {
    const tokenizer = binningTokenizer();
    const all = Array.from({ length: 256 }, (_, i) => i);
    expect(right(tokenizer.encode(right(tokenizer.decode(all, [256, 1]))))).toEqual(all);
  });

  // openpi: action_tokens / n_bins * 2 - 1
  it('decodes as openpi', () => {
    expect(binningTokenizer().decode([0, 1, 128, 255], [2, 2])).toEqual(
      E.right({ shape: [2, 2], data: Float64Array.of(-1, -0.9921875, 0, 0.9921875) }),
    );
  });

  it('refuses what has no bin, or clamps and counts', () => {
    expect(binningTokenizer().encode(row(0, 1.5))).toEqual(
      E.left({ _tag: 'ActionOutOfRange', step: 0, dimension: 1, value: 1.5, bound: 1 }),
    );
    const clamping = binningTokenizer(256, { onOutOfRange: 'clamp' });
    expect(clamping.encodeCounted(row(0, 1.5, -7))).toEqual(E.right({ tokens: [128, 255, 0], clamped: 2 }));
  });

  it('tells a sequence what was clamped', () => {
    const clamping = binningTokenizer(256, { onOutOfRange: 'clamp' });
    const make = fastSequence(characters, clamping, { maxTokenLen: 60 });
    expect(right(make({ task: 'a', state: [], actions: row(3, 0) })).clamped).toBe(1);
    expect(right(make({ task: 'a', state: [] })).clamped).toBe(0);
  });

  it('refuses too few and too many tokens, where openpi gives zeros or drops some', () => {
    for (const tokens of [[1], [1, 2, 3]]) {
      expect(binningTokenizer().decode(tokens, [1, 2])).toMatchObject(
        E.left({ _tag: 'BadActionTokens', values: tokens.length, shape: [1, 2] }),
      );
    }
    expect(binningTokenizer().decode([256], [1, 1])).toMatchObject(E.left({ _tag: 'TokenOutOfRange' }));
  });

  it.each(['text', 'ids'] as const)('comes back out of a sequence by %s', (by) => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), (values) => {
        const tokenizer = binningTokenizer(64);
        const made = right(
          fastSequence(characters, tokenizer, { maxTokenLen: 60 })({ task: 'a', state: [], actions: row(...values) }),
        );
        const shape = [1, values.length] as const;
        expect(extractActions(characters, tokenizer, shape, { by })([...made.tokens])).toEqual(
          tokenizer.decode(right(tokenizer.encode(row(...values))), shape),
        );
      }),
    );
  });
});
