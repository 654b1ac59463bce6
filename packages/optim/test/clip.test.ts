import { gradientTransformationLaws, runLaws } from '@torsor/laws';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipByGlobalNorm } from '../src/index.js';
import { expectClose, firstUpdate, norm, numbers, tensors, updateFailure } from './trees.js';

const limit = fc.double({ min: 0.1, max: 10, noNaN: true });

describe('clipByGlobalNorm', () => {
  runLaws(gradientTransformationLaws(clipByGlobalNorm(1)), it);

  it('leaves gradients of a smaller norm as they are, bit for bit', () => {
    fc.assert(
      fc.property(tensors, (gradient) => {
        const clip = clipByGlobalNorm(norm(gradient) * 1.001 + 0.001);
        expect(numbers(firstUpdate(clip, gradient, gradient))).toEqual(numbers(gradient));
      }),
    );
  });

  it('bounds the norm and keeps the direction', () => {
    fc.assert(
      fc.property(tensors, limit, (gradient, maxNorm) => {
        const clipped = firstUpdate(clipByGlobalNorm(maxNorm), gradient, gradient);
        expect(norm(clipped)).toBeCloseTo(Math.min(norm(gradient), maxNorm), 10);
        const factor = norm(gradient) < maxNorm ? 1 : maxNorm / norm(gradient);
        expectClose(
          clipped,
          numbers(gradient).map((x) => x * factor),
          10,
        );
      }),
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the norm %s', (maxNorm) => {
    expect(updateFailure(clipByGlobalNorm(maxNorm))).toContain('give a finite number above 0');
  });
});
