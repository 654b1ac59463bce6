import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, type Primitive } from '../../src/expr.js';
import {
  type Expr,
  evaluateGraph,
  hashGraph,
  mul,
  type NoParams,
  neg,
  printGraph,
  simplify,
  sub,
  tanh,
} from '../../src/index.js';
import { tanhP } from '../../src/ops/elementwise.js';
import { gradients, operandAt, single } from '../../src/rule.js';
import { expectAdjoint, expectDerivative, expectSecondDerivative, type Multi } from './derivatives.js';
import { eighths, graphOf, tensor, tensorOf } from './evaluating.js';
import { anyRecipe, cook, type Recipe, recipeShape, smoothRecipe } from './recipes.js';

const points = fc.tuple(tensorOf(recipeShape), tensorOf(recipeShape));
const lists = fc.array(eighths, { minLength: 1, maxLength: 3 });

const program =
  (recipe: Recipe): Multi =>
  (x, y) =>
    x === undefined || y === undefined ? [] : [cook(recipe, x, y)];

describe('random programs', () => {
  it('derivative = central difference', () => {
    fc.assert(
      fc.property(smoothRecipe, points, lists, lists, (r, at, v, w) => expectDerivative(program(r), at, v, w)),
      {
        includeErrorInReport: true,
      },
    );
  });

  it('second derivative = central difference of the derivative', () => {
    const property = fc.property(smoothRecipe, points, lists, lists, (r, at, v, w) =>
      expectSecondDerivative(program(r), at, v, w, 1e-5),
    );
    fc.assert(property, { includeErrorInReport: true, numRuns: 50 });
  });

  it('⟨J v, u⟩ = ⟨v, Jᵀ u⟩', () => {
    fc.assert(
      fc.property(smoothRecipe, points, lists, lists, (r, at, v, w) => expectAdjoint(program(r), at, v, w)),
      {
        includeErrorInReport: true,
      },
    );
  });
});

const special = fc.constantFrom(0, -0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

describe('simplify', () => {
  it('changes no bit of a value, NaN, infinities and −0 included', () => {
    const specials = fc.tuple(tensorOf(recipeShape, special), tensorOf(recipeShape, special));
    fc.assert(
      fc.property(anyRecipe, fc.oneof(points, specials), (recipe, at) => {
        const graph = graphOf(at, program(recipe));
        const [before, after] = [evaluateGraph(graph, at), evaluateGraph(simplify(graph), at)];
        expect(after.map(({ data }) => [...data])).toEqual(before.map(({ data }) => [...data]));
      }),
    );
  });

  it('simplifying twice changes nothing more', () => {
    fc.assert(
      fc.property(anyRecipe, points, (recipe, at) => {
        const once = simplify(graphOf(at, program(recipe)));
        expect(printGraph(simplify(once))).toBe(printGraph(once));
      }),
    );
  });
});

describe('hashGraph', () => {
  it('is equal for the same recipe and different for a different text', () => {
    fc.assert(
      fc.property(anyRecipe, anyRecipe, points, (a, b, at) => {
        const [first, again, other] = [a, a, b].map((recipe) => graphOf(at, program(recipe)));
        if (first === undefined || again === undefined || other === undefined) return;
        expect(hashGraph(first)).toBe(hashGraph(again));
        expect(hashGraph(first) === hashGraph(other)).toBe(printGraph(first) === printGraph(other));
      }),
    );
  });
});

/** tanh with the sign of its derivative turned. */
const brokenTanhP: Primitive<'tanh', NoParams> = single<'tanh', NoParams>({
  name: 'tanh',
  infer: (params, operands) => {
    const types = tanhP.infer(params, operands);
    return types._tag === 'Left' ? types : { _tag: 'Right', right: types.right[0] ?? operandAt(operands, 0) };
  },
  vjp: ({ operands, ct }) => {
    const y = tanh(operandAt(operands, 0));
    return gradients(neg(mul(ct, sub(1, mul(y, y)))));
  },
  ref: (_params, operands) => operandAt(operands, 0).data.map(Math.tanh),
});

const brokenTanh = (x: Expr): Expr => apply(brokenTanhP, {}, [x]);

describe('the laws refute a broken derivative', () => {
  type Small = 'x' | readonly ['tanh' | 'neg', Small];
  const small: fc.Arbitrary<Small> = fc.letrec<{ readonly recipe: Small }>((tie) => ({
    recipe: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant<Small>('x'),
      fc.tuple(fc.constantFrom('tanh' as const, 'neg' as const), tie('recipe')),
    ),
  })).recipe;
  const build = (recipe: Small, x: Expr): Expr => {
    if (recipe === 'x') return x;
    return recipe[0] === 'tanh' ? brokenTanh(build(recipe[1], x)) : neg(build(recipe[1], x));
  };

  it('with a counterexample that a person can read', () => {
    const property = fc.property(small, eighths, (recipe, x) => {
      expectDerivative((y) => (y === undefined ? [] : [build(recipe, y)]), [tensor('f64', [], [x])], [1], [1]);
    });
    const refuted = (): void => fc.assert(property, { seed: 1, includeErrorInReport: true });
    expect(refuted).toThrow('Counterexample: [["tanh","x"],0]');
    expect(refuted).toThrow('derivative (expected: central difference): got [-1], expected [0.9999');
  });
});
