import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { absoluteActions, deltaActions, makeBoolMask, subsampleActions } from '../../src/transforms/delta.js';
import { normalize, unnormalize } from '../../src/transforms/normalize.js';
import { padToDim, sliceToDim } from '../../src/transforms/pad.js';
import type { StateActions } from '../../src/transforms/reals.js';
import { left, right } from '../right.js';

// openpi's own numbers are tested in packages/conformance/test/golden/norm.test.ts; here are the laws.
const value = fc.double({ min: -100, max: 100, noNaN: true });
const values = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(value, { minLength: length, maxLength: length }).map((array) => Float64Array.from(array));

const stateActions: fc.Arbitrary<StateActions> = fc
  .record({
    b: fc.integer({ min: 1, max: 3 }),
    sd: fc.integer({ min: 1, max: 5 }),
    ad: fc.integer({ min: 1, max: 5 }),
    ah: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ b, sd, ad, ah }) =>
    fc.record({
      stateDim: fc.constant(sd),
      actionDim: fc.constant(ad),
      actionHorizon: fc.constant(ah),
      state: values(b * sd),
      actions: values(b * ah * ad),
    }),
  );

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, within: number): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN))).toBeLessThanOrEqual(within);
  }
};

describe('deltaActions', () => {
  it('is undone by absoluteActions and leaves its input alone', () => {
    fc.assert(
      fc.property(stateActions, fc.array(fc.boolean(), { maxLength: 5 }), (x, bits) => {
        const mask = bits.slice(0, Math.min(x.stateDim, x.actionDim));
        const before = x.actions.slice();
        const delta = right(deltaActions(mask)(x));
        close(right(absoluteActions(mask)(delta)).actions, before, 1e-12);
        expect(x.actions).toEqual(before);
        delta.actions.forEach((action, i) => {
          if (!mask[i % x.actionDim]) expect(action).toBe(before[i]);
        });
      }),
    );
  });

  it('refuses a mask longer than state or action', () => {
    const x = { stateDim: 2, actionDim: 3, actionHorizon: 1, state: new Float32Array(2), actions: new Float32Array(3) };
    expect(left(deltaActions([true, true, true])(x))).toMatchObject({ _tag: 'ShapeMismatch' });
  });

  it('makeBoolMask', () => {
    expect(makeBoolMask(2, -2, 0, 1)).toEqual([true, true, false, false, true]);
  });

  it('subsampleActions keeps the first and every stride-th action', () => {
    const x = {
      stateDim: 1,
      actionDim: 1,
      actionHorizon: 5,
      state: new Float32Array(2),
      actions: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    };
    expect(right(subsampleActions(2)(x))).toMatchObject({
      actionHorizon: 3,
      actions: Float32Array.of(0, 2, 4, 5, 7, 9),
    });
    expect(left(subsampleActions(0)(x))).toMatchObject({ _tag: 'ShapeMismatch' });
  });
});

describe('padToDim', () => {
  it('adds zeros, counted, and is undone by sliceToDim', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(4), fc.integer({ min: 1, max: 5 }), (from, more, rows) => {
        const data = Float32Array.from({ length: rows * from }, (_, i) => i + 1);
        const padded = right(padToDim(from, from + more)(data));
        expect(padded.added).toBe(more);
        expect(padded.data.filter((x) => x === 0)).toHaveLength(rows * more);
        const sliced = right(sliceToDim(from + more, from)(padded.data));
        expect(sliced.data).toEqual(data);
        expect(sliced.added).toBe(0 - more);
        expect(right(padToDim(from, from)(data)).data).toBe(data);
      }),
    );
  });

  it('refuses to cut', () => {
    expect(left(padToDim(4, 3)(new Float32Array(4)))).toMatchObject({ _tag: 'ShapeMismatch', found: '4 dimensions' });
    expect(left(sliceToDim(2, 3)(new Float32Array(2)))).toMatchObject({ _tag: 'ShapeMismatch' });
  });
});

describe('normalize', () => {
  const stats = { mean: [1, -2], std: [0.5, 3], q01: [-1, -10], q99: [2, 7] };

  it.each(['mean_std', 'quantile'] as const)('%s is undone by unnormalize', (mode) => {
    fc.assert(
      fc.property(values(6), (data) => {
        close(right(unnormalize(stats, mode, 2)(right(normalize(stats, mode, 2)(data)))), data, 1e-9);
      }),
    );
  });

  it('centre and spread: mean to 0, one std to 1; q01 to -1, q99 to 1 (less the epsilon)', () => {
    close(right(normalize(stats, 'mean_std', 2)(Float64Array.of(1, -2, 1.5, 1))), [0, 0, 1, 1], 3e-6);
    close(right(normalize(stats, 'quantile', 2)(Float64Array.of(-1, -10, 2, 7))), [-1, -1, 1, 1], 3e-6);
  });

  it('a dimension that never varied divides by the epsilon, never by zero', () => {
    const flat = { mean: [3], std: [0], q01: [3], q99: [3] };
    close(right(normalize(flat, 'mean_std', 1)(Float64Array.of(3, 4))), [0, 1e6], 1e-6);
    close(right(normalize(flat, 'quantile', 1)(Float64Array.of(3, 4))), [-1, 2e6 - 1], 1e-6);
  });

  it('refuses other widths and missing percentiles', () => {
    expect(left(normalize(stats, 'mean_std', 3)(new Float32Array(3)))).toMatchObject({ _tag: 'ShapeMismatch' });
    expect(left(unnormalize(stats, 'mean_std', 1)(new Float32Array(1)))).toMatchObject({ _tag: 'ShapeMismatch' });
    expect(left(normalize({ ...stats, q01: null }, 'quantile', 2)(new Float32Array(2)))).toMatchObject({
      _tag: 'MissingQuantiles',
    });
  });
});
