import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ema } from '../src/index.js';
import { computed, failure, numbers, type Tensors, tensors } from './trees.js';

const updated = (decay: number, average: Tensors, params: Tensors): readonly number[] =>
  numbers(computed({ average, params }, (given) => ema(decay).update(given.average, given.params)));

const unsigned = (list: readonly number[]): readonly number[] => list.map((x) => x + 0);

describe('ema', () => {
  it('starts at the parameters', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        expect(numbers(computed({ params }, (given) => ema(0.9).init(given.params)))).toEqual(numbers(params));
      }),
    );
  });

  it('decay 0 gives the new parameters, 1 the old average', () => {
    fc.assert(
      fc.property(tensors, tensors, (average, params) => {
        expect(unsigned(updated(0, average, params))).toEqual(unsigned(numbers(params)));
        expect(unsigned(updated(1, average, params))).toEqual(unsigned(numbers(average)));
      }),
    );
  });

  it('is decay · average + (1 − decay) · params', () => {
    fc.assert(
      fc.property(tensors, tensors, fc.double({ min: 0, max: 1, noNaN: true }), (average, params, decay) => {
        updated(decay, average, params).forEach((x, i) => {
          expect(x).toBeCloseTo(decay * (numbers(average)[i] ?? 0) + (1 - decay) * (numbers(params)[i] ?? 0), 12);
        });
      }),
    );
  });

  it('refuses a decay outside [0, 1] and other parameters', () => {
    expect(failure((p) => ema(1.1).update(p, p))).toContain('decay is 1.1; give a number from 0 to 1');
    expect(failure((p) => ema(Number.NaN).update(p, p))).toContain('decay is NaN');
    expect(failure((p) => ema(0.9).update(p, { p } as typeof p))).toContain('trees differ');
  });
});
