import { type Expr, grad, reduceSum } from '@torsor/tensor';
import { ExactTensor, type FunctionOf, numbersOf, type Tensors } from './numbers.js';
import { hold, holdEqual } from './refutation.js';

/** The gradient of the sum of the results with respect to one input. */
export const gradientOf = <Name extends string>(f: FunctionOf<Name>, at: Tensors<Name>, name: Name): Float64Array =>
  numbersOf(at, (inputs) => {
    const total = (y: Expr): Expr => reduceSum(f({ ...inputs, [name]: y }));
    return grad(total)(inputs[name]);
  });

const moved = <Name extends string>(
  at: Tensors<Name>,
  name: Name,
  direction: ArrayLike<number>,
  by: number,
): Tensors<Name> => {
  const { type, data } = at[name];
  return {
    ...at,
    [name]: new ExactTensor(
      type,
      data.map((a, i) => a + by * (direction[i] ?? 0)),
    ),
  };
};

const sum = (numbers: Float64Array): number => numbers.reduce((total, x) => total + x, 0);

/** Large enough that rounding does not matter, small enough that the fifth derivative does not. */
const h = 3e-4;

/** The derivative at 0 by central differences over four points, exact for polynomials of degree 4. */
const centralDifference = (f: (x: number) => number): number =>
  (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);

/**
 * Refutes unless the gradient of the sum of a function's results with respect to one input agrees with the central
 * difference along a direction.
 */
export const holdDerivative = <Name extends string>(
  f: FunctionOf<Name>,
  at: Tensors<Name>,
  name: Name,
  direction: ArrayLike<number>,
): void => {
  const gradient = gradientOf(f, at, name);
  hold(gradient.every(Number.isFinite), `the gradient with respect to ${name} is not finite: [${gradient.join(', ')}]`);
  const along = gradient.reduce((total, g, i) => total + g * (direction[i] ?? 0), 0);
  const value = (by: number): number => sum(numbersOf(moved(at, name, direction, by), f));
  const what = `derivative with respect to ${name} (expected: central difference)`;
  holdEqual(what, [along], [centralDifference(value)], 1e-6);
};
