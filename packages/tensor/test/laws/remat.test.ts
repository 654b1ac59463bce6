import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Expr,
  evaluateGraph,
  type Graph,
  printGraph,
  type RefTensor,
  type Remat,
  reshape,
  type Step,
  scan,
  simplify,
  sliceInDim,
  stack,
  tanh,
} from '../../src/index.js';
import { expectAdjoint, gradientOf, type Multi } from './derivatives.js';
import { eighths, expectNumbers, graphOf, tensorOf } from './evaluating.js';
import { cook, type Recipe, recipeShape, smoothRecipe } from './recipes.js';

const policies: readonly Remat[] = ['carry', 'dots', 'none'];
const length = 3;

/** A loop as plain data: what a step makes of carry and element, and what it stacks. */
type Recipes = {
  readonly carry: Recipe;
  readonly stacked: Recipe;
  readonly reverse: boolean;
};

const recipes: fc.Arbitrary<Recipes> = fc.record({
  carry: smoothRecipe,
  stacked: smoothRecipe,
  reverse: fc.boolean(),
});

/** `k` comes from outside; `carry` is bounded, so that no number outgrows the others. */
const step =
  ({ carry, stacked }: Recipes, k: Expr) =>
  (c: Expr, x: Expr): Step<Expr, Expr> => {
    const next = tanh(cook(carry, c, x));
    return { carry: next, y: cook(stacked, cook(stacked, next, k), x) };
  };

const scanned =
  (of: Recipes, remat: Remat): Multi =>
  (...[k, c, xs]) => {
    if (k === undefined || c === undefined || xs === undefined) return [];
    const { carry, ys } = scan(step(of, k), c, xs, { reverse: of.reverse, remat });
    return [carry, ys];
  };

/** The loop written out. */
const looped =
  (of: Recipes): Multi =>
  (...[k, c, xs]) => {
    if (k === undefined || c === undefined || xs === undefined) return [];
    const elements = Array.from({ length }, (_, i) => reshape(sliceInDim(xs, i, i + 1, 0), recipeShape));
    const ys: Expr[] = [];
    let carry = c;
    for (const x of of.reverse ? elements.reverse() : elements) {
      const after = step(of, k)(carry, x);
      carry = after.carry;
      ys.push(after.y);
    }
    return [carry, stack(of.reverse ? ys.reverse() : ys)];
  };

const points = fc.tuple(tensorOf(recipeShape), tensorOf(recipeShape), tensorOf([length, ...recipeShape]));
const lists = fc.array(eighths, { minLength: 1, maxLength: 3 });

const simplified = (at: readonly RefTensor[], f: Multi): Graph => simplify(graphOf(at, f));

const expectSame = (at: readonly RefTensor[], f: Multi, g: Multi): void => {
  const [found, expected] = [evaluateGraph(simplified(at, f), at), evaluateGraph(graphOf(at, g), at)];
  for (const [i, { data }] of expected.entries()) {
    // Relative to the largest number of the tensor: sums are made in another order.
    const scale = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const [a, b] = [found[i]?.data ?? [], data].map((list) => Array.from(list, (x) => x / scale));
    expectNumbers(`result ${i} (expected: the loop)`, a ?? [], b ?? [], 1e-12);
  }
};

describe.each(policies)('a random loop that keeps %s', (remat) => {
  const check = (
    f: (of: Recipes, at: readonly RefTensor[], v: readonly number[], w: readonly number[]) => void,
    numRuns: number,
  ): void => fc.assert(fc.property(recipes, points, lists, lists, f), { numRuns, includeErrorInReport: true });

  it('has the values and the gradient of the loop written out', () => {
    check((of, at, _v, w) => {
      expectSame(at, scanned(of, remat), looped(of));
      expectSame(at, gradientOf(scanned(of, remat), w), gradientOf(looped(of), w));
    }, 40);
  });

  it('has the gradient of the gradient of the loop', () => {
    check((of, at, v, w) => {
      const second = (f: Multi): Multi => gradientOf(gradientOf(f, w), v);
      expectSame(at, second(scanned(of, remat)), second(looped(of)));
    }, 15);
  });

  it('⟨J v, u⟩ = ⟨v, Jᵀ u⟩', () => {
    check((of, at, v, w) => expectAdjoint(scanned(of, remat), at, v, w), 15);
  });

  it('simplifies to what simplifies to itself', () => {
    check((of, at, v, w) => {
      for (const f of [gradientOf(scanned(of, remat), w), gradientOf(gradientOf(scanned(of, remat), w), v)]) {
        const once = simplified(at, f);
        expect(printGraph(simplify(once))).toBe(printGraph(once));
      }
    }, 15);
  });
});
