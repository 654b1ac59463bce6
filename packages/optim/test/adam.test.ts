import { gradientTransformationLaws, runLaws } from '@torsor/laws';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleByAdam } from '../src/index.js';
import { expectClose, failure, firstUpdate, mapNumbers, numbers, run, tensors, updateFailure } from './trees.js';

const defaults = { b1: 0.9, b2: 0.95, eps: 1e-8 };

const decays = fc.record({
  b1: fc.integer({ min: 0, max: 99 }).map((n) => n / 100),
  b2: fc.integer({ min: 0, max: 999 }).map((n) => n / 1000),
});

/** The share of step i in a corrected moment after step t. */
const share = (decay: number, i: number, t: number): number => ((1 - decay) * decay ** i) / (1 - decay ** (t + 1));

/** m̂² ≤ v̂ · Σ (shares in m̂)² / (shares in v̂), by Cauchy and Schwarz. */
const squareBound = (b1: number, b2: number, t: number): number => {
  let bound = 0;
  for (let i = 0; i <= t; i++) {
    const first = share(b1, i, t);
    if (first > 0) bound += first ** 2 / share(b2, i, t);
  }
  return bound;
};

describe('scaleByAdam', () => {
  runLaws(gradientTransformationLaws(scaleByAdam(defaults)), it);
  runLaws(gradientTransformationLaws(scaleByAdam({ ...defaults, epsRoot: 1e-8 })), (name, check) =>
    it(`${name} (epsRoot)`, check),
  );

  it('the first step is g / (√(g² + epsRoot) + eps), whatever the decays', () => {
    const eps = fc.record({ eps: fc.constantFrom(1e-8, 0.1), epsRoot: fc.constantFrom(0, 0.3) });
    fc.assert(
      fc.property(tensors, decays, eps, (gradient, { b1, b2 }, { eps, epsRoot }) => {
        const step = firstUpdate(scaleByAdam({ b1, b2, eps, epsRoot }), gradient, gradient);
        const expected = numbers(gradient).map((g) => g / (Math.sqrt(g * g + epsRoot) + eps));
        expectClose(step, expected, 6);
      }),
    );
  });

  it('no step is larger than max(1, (1 − b1) / √(1 − b2)) corrected for the start', () => {
    fc.assert(
      fc.property(fc.array(tensors, { minLength: 1, maxLength: 4 }), decays, (gradients, { b1, b2 }) => {
        const steps = run(scaleByAdam({ b1, b2, eps: 1e-8 }), gradients[0] ?? {}, gradients);
        steps.forEach((step, t) => {
          const bound = squareBound(b1, b2, t);
          const largest = Math.max(...numbers(step).map(Math.abs));
          expect(largest).toBeLessThanOrEqual(Math.sqrt(bound) * (1 + 1e-6));
        });
      }),
    );
  });

  it('scaling all gradients changes nothing when eps is 0 and none is 0', () => {
    const nonZero = tensors.map((tree) => mapNumbers(tree, (x) => x + 3));
    fc.assert(
      fc.property(fc.array(nonZero, { minLength: 1, maxLength: 3 }), fc.constantFrom(0.5, 4), (gradients, c) => {
        const adam = scaleByAdam({ ...defaults, eps: 0 });
        const params = gradients[0] ?? {};
        const scaled = gradients.map((gradient) => mapNumbers(gradient, (x) => x * c));
        const [a, b] = [run(adam, params, gradients), run(adam, params, scaled)];
        for (const [t, step] of a.entries()) expectClose(b[t] ?? {}, numbers(step), 10);
      }),
    );
  });

  it('equals the recurrences written out', () => {
    fc.assert(
      fc.property(fc.array(tensors, { minLength: 1, maxLength: 4 }), decays, (gradients, { b1, b2 }) => {
        const steps = run(scaleByAdam({ b1, b2, eps: 1e-3 }), gradients[0] ?? {}, gradients);
        const [mu, nu] = [new Array<number>(7).fill(0), new Array<number>(7).fill(0)];
        gradients.forEach((gradient, t) => {
          numbers(gradient).forEach((g, i) => {
            mu[i] = b1 * (mu[i] ?? 0) + (1 - b1) * g;
            nu[i] = b2 * (nu[i] ?? 0) + (1 - b2) * g * g;
            const expected =
              (mu[i] ?? 0) / (1 - b1 ** (t + 1)) / (Math.sqrt((nu[i] ?? 0) / (1 - b2 ** (t + 1))) + 1e-3);
            expect(numbers(steps[t] ?? {})[i]).toBeCloseTo(expected, 10);
          });
        });
      }),
    );
  });

  it.each([
    [{ ...defaults, b1: 1 }, 'b1 is 1; give a number of at least 0 and below 1'],
    [{ ...defaults, b2: -0.1 }, 'b2 is -0.1; give a number of at least 0 and below 1'],
    [{ ...defaults, eps: -1 }, 'eps is -1; give a finite number of at least 0'],
    [{ ...defaults, epsRoot: Number.POSITIVE_INFINITY }, 'epsRoot is Infinity'],
  ])('refuses %o', (options, message) => {
    expect(updateFailure(scaleByAdam(options))).toContain(message);
  });

  it('refuses the state of other parameters', () => {
    const adam = scaleByAdam(defaults);
    const other = failure((params) => adam.update(params, adam.init({ other: params }), params).updates);
    expect(other).toContain('trees differ at the root');
  });
});
