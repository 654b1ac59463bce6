import {
  constant,
  convert,
  type Expr,
  type ExprTree,
  evaluate,
  fromFloat64,
  matmul,
  pow,
  program,
  roundNearestEven,
  type TensorValue,
  tensorType,
} from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';

// The suite holds backends to the reference; these hold the reference to what others define.

const f32 = (numbers: readonly number[]): TensorValue => fromFloat64(tensorType('f32', [numbers.length]), numbers);

const computed = (
  inputs: Readonly<Record<string, TensorValue>>,
  f: (inputs: Readonly<Record<string, Expr>>) => ExprTree,
): readonly number[] => {
  const types = Object.fromEntries(Object.entries(inputs).map(([name, { type }]) => [name, type]));
  const built = program(types, f);
  if (E.isLeft(built)) throw new Error(built.left.reason);
  const result = evaluate(built.right, inputs);
  if (E.isLeft(result)) throw new Error(result.left.reason);
  // A program of one output gives one value.
  return [...(result.right as unknown as TensorValue).data];
};

const zero = constant(0, 'f32');
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('the reference', () => {
  it('raises to powers as IEEE 754-2019 §9.2.1 says', () => {
    const x = [1, 1, 1, -1, -1, nan, nan, 0, -0, -0, -0, inf, -inf, -inf, -8, 2];
    const y = [nan, inf, -inf, inf, -inf, 0, -0, -1, -1, 3, 2, 0, 3, -3, 1 / 3, inf];
    const expected = [1, 1, 1, 1, 1, 1, 1, inf, -inf, -0, 0, 1, -inf, -0, nan, inf];
    expect(computed({ x: f32(x), y: f32(y) }, (given) => pow(given['x'] ?? 0, given['y'] ?? 0))).toEqual(expected);
  });

  it('rounds as IEEE 754-2019 roundToIntegralTiesToEven', () => {
    const x = [0.5, 1.5, 2.5, -0.5, -0.3, -1.5, -2.5, -0.75, 0, -0, inf, -inf, nan];
    const expected = [0, 2, 2, -0, -0, -2, -2, -1, 0, -0, inf, -inf, nan];
    expect(computed({ x: f32(x) }, ({ x: given }) => roundNearestEven(given ?? zero))).toEqual(expected);
  });

  it('has no −0 among integers', () => {
    const there = computed({ x: f32([-0.5, -0, 0.5]) }, ({ x }) => convert(convert(x ?? zero, 'i32'), 'f32'));
    expect(there).toEqual([0, 0, 0]);
  });

  it('multiplies matrices of integers modulo 2³², as BigInt does', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const row = fc.array(word, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(row, row, (x, y) => {
        const exact = x.reduce((sum, a, i) => sum + BigInt(a) * BigInt(y[i] ?? 0), 0n);
        const inputs = { x: fromFloat64(tensorType('i32', [1, 5]), x), y: fromFloat64(tensorType('i32', [5, 1]), y) };
        const found = computed(inputs, (given) => matmul(given['x'] ?? zero, given['y'] ?? zero));
        expect(found).toEqual([Number(BigInt.asIntN(32, exact))]);
      }),
    );
  });
});
