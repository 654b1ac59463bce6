import { type Expr, grad, jvp, mul, reduceSum, vjp } from '@torsor/tensor';
import fc from 'fast-check';
import { smallNumber } from './arbitrary.js';
import { holdDerivative } from './derivative.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { compute, ExactTensor, numbersOf, type Tensors } from './numbers.js';
import { holdEqual } from './refutation.js';

/** A function of one tensor. */
export type UnaryFunction = (x: Expr) => Expr;

type Subject = {
  readonly f: UnaryFunction;
  readonly input: fc.Arbitrary<Tensors<'x'>>;
};

/** A direction of any length: the numbers over and over. */
const direction: fc.Arbitrary<readonly number[]> = fc.array(smallNumber, { minLength: 1, maxLength: 3 });

const along = (numbers: readonly number[], { x }: Tensors<'x'>): Float64Array =>
  x.data.map((_, i) => numbers[i % numbers.length] ?? 0);

const firstDerivative = statement('the gradient is the central difference', ({ f, input }: Subject) =>
  fc.property(input, direction, (at, numbers) => holdDerivative(({ x }) => f(x), at, 'x', along(numbers, at))),
);

const secondDerivative = statement('the gradient of the gradient is its central difference', ({ f, input }: Subject) =>
  fc.property(input, direction, direction, (at, numbers, weights) => {
    const total = (y: Expr): Expr => reduceSum(f(y));
    const w = new ExactTensor(at.x.type, along(weights, at));
    holdDerivative<'x' | 'w'>((given) => mul(grad(total)(given.x), given.w), { ...at, w }, 'x', along(numbers, at));
  }),
);

const transposed = statement('⟨J v, u⟩ = ⟨v, Jᵀ u⟩', ({ f, input }: Subject) =>
  fc.property(input, direction, direction, (at, numbers, weights) => {
    const [result = at.x] = compute(at, ({ x }) => f(x));
    const u = new ExactTensor(result.type, along(weights, { x: result }));
    const v = new ExactTensor(at.x.type, along(numbers, at));
    const forward = numbersOf({ ...at, u, v }, (given) =>
      reduceSum(mul(jvp<Expr, Expr>(f, given.x, given.v).tangents, given.u)),
    );
    const backward = numbersOf({ ...at, u, v }, (given) =>
      reduceSum(mul(given.v, vjp<Expr, Expr>(f, given.x).pullback(given.u))),
    );
    holdEqual('⟨J v, u⟩ (expected: ⟨v, Jᵀ u⟩)', forward, backward);
  }),
);

const statements: ReadonlyArray<Statement<Subject>> = [firstDerivative, secondDerivative, transposed];

/**
 * What a differentiable function of a tensor must satisfy: its derivative, the derivative of that, and forward against
 * reverse mode.
 *
 * @param f - smooth at the inputs: kinks, poles and ties within 4e-3 of them refute it.
 * @param input - inputs to try, e.g. `exactTensor([2, 3])`.
 */
export const differentiableLaws = (
  f: UnaryFunction,
  input: fc.Arbitrary<ExactTensor>,
  options?: LawOptions,
): readonly Law[] => lawsOf(statements, { f, input: input.map((x) => ({ x })) }, options);
