import fc from 'fast-check';
import { describe, it } from 'vitest';
import { holdDerivative } from '../src/derivative.js';
import { cook, differentiableLaws, exactTensor, recipe, recipeShape, runLaws, tensor } from '../src/index.js';

const y = tensor([
  [0.5, -1, 0.25],
  [1, 0.125, -0.75],
]);

describe('random programs', () => {
  it('their gradient is the central difference', () => {
    fc.assert(
      fc.property(recipe({ smooth: true }), exactTensor(recipeShape), (program, x) => {
        holdDerivative((at) => cook(program, at.x, at.y), { x, y }, 'x', [1, -0.5, 0.25, 0.75, -1, 0.5]);
      }),
      { includeErrorInReport: true },
    );
  });
});
