import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { evaluate, grad, mul, program, reduceSum, TensorValue, tensorType } from '../src/index.js';

it('the example of the README runs', () => {
  const x = tensorType('f64', [3]);
  const cubes = program({ x }, (inputs) => ({
    slope: grad((y: typeof inputs.x) => reduceSum(mul(y, mul(y, y))))(inputs.x),
  }));
  if (E.isLeft(cubes)) throw new Error(cubes.left.reason);
  const result = evaluate(cubes.right, { x: new TensorValue(x, Float64Array.of(1, 2, 3)) });
  expect(result).toMatchObject({ right: { slope: { data: Float64Array.of(3, 12, 27) } } });
});
