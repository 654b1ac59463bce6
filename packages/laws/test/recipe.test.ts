import { printGraph, program, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { holdDerivative } from '../src/derivative.js';
import { cook, exactTensor, recipe, recipeShape, tensor } from '../src/index.js';

const y = tensor([
  [0.5, -1, 0.25],
  [1, 0.125, -0.75],
]);
const type = tensorType('f32', recipeShape);

describe('recipes', () => {
  it('smooth ones have a gradient that is the central difference', () => {
    fc.assert(
      fc.property(recipe({ smooth: true }), exactTensor(recipeShape), (dish, x) => {
        const f = ({ x, y }: { readonly [K in 'x' | 'y']: Parameters<typeof cook>[1] }) => cook(dish, x, y);
        holdDerivative<'x' | 'y'>(f, { x, y }, 'x', [1, -0.5, 0.25, 0.75, -1, 0.5]);
      }),
      { includeErrorInReport: true, numRuns: 50 },
    );
  });

  it('are programs of one shape, the same each time they are cooked', () => {
    fc.assert(
      fc.property(recipe(), (dish) => {
        const [once, again] = [1, 2].map(() => program({ x: type, y: type }, (at) => cook(dish, at.x, at.y)));
        if (once === undefined || again === undefined || E.isLeft(once) || E.isLeft(again)) throw new Error('refused');
        expect(once.right.outputs[0]?.type).toEqual(type);
        expect(printGraph(once.right.graph)).toBe(printGraph(again.right.graph));
      }),
    );
  });

  it('shrink to a variable', () => {
    const refuted = (): void =>
      fc.assert(
        fc.property(recipe(), () => false),
        { seed: 1 },
      );
    expect(refuted).toThrow('Counterexample: ["x"]');
  });
});
