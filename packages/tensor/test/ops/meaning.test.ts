import { describe, expect, it } from 'vitest';
import {
  argmax,
  broadcastInDim,
  concatenate,
  convert,
  type DType,
  div,
  dotGeneral,
  dynamicSlice,
  type Expr,
  exp,
  gather,
  isFinite,
  maximum,
  minimum,
  mul,
  neg,
  not,
  pow,
  reduceMax,
  reduceSum,
  rem,
  roundNearestEven,
  type Shape,
  sign,
  sub,
} from '../../src/index.js';
import { numbers, tensor } from '../laws/evaluating.js';

const of = (dtype: DType, list: readonly number[], shape: Shape = [list.length]) => tensor(dtype, shape, list);

const one = (f: (x: Expr) => Expr, dtype: DType, list: readonly number[]): readonly number[] =>
  numbers([of(dtype, list)], (x) => f(x as Expr));

const two = (
  f: (x: Expr, y: Expr) => Expr,
  dtype: DType,
  a: readonly number[],
  b: readonly number[],
): readonly number[] => numbers([of(dtype, a), of(dtype, b)], (x, y) => f(x as Expr, y as Expr));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('integers', () => {
  it('a product sums over every row of both, modulo 2³² (worked by hand)', () => {
    const [x, y] = [of('i32', [1, 2, 3, 65536, 0, -1], [2, 3]), of('i32', [4, 5, 6, 65536, 7, 8, 1, 1, 1], [3, 3])];
    const product = numbers([x, y], (a, b) => dotGeneral(a as Expr, b as Expr, { contract: [[1], [1]] }));
    expect(product).toEqual([32, 65536 + 14 + 24, 6, 262144 - 6, 0 - 8, 65536 - 1]);
  });

  it('divide toward zero; by zero they give all bits set', () => {
    expect(two(div, 'i32', [7, -7, 7, 1], [2, 2, -2, 0])).toEqual([3, -3, -3, -1]);
    expect(two(div, 'u32', [7, 5], [2, 0])).toEqual([3, 2 ** 32 - 1]);
  });

  it('leave a remainder of the sign of the dividend; by zero it is the dividend', () => {
    expect(two(rem, 'i32', [7, -7, 7, 5], [3, 3, -3, 0]).map((x) => x + 0)).toEqual([1, -1, 1, 5]);
    expect(two(rem, 'u32', [7, 5], [3, 0])).toEqual([1, 5]);
    expect(two(rem, 'f64', [7.5, 5], [2, 0])).toEqual([1.5, nan]);
  });

  it('wrap at 32 bits', () => {
    expect(two(mul, 'i32', [65_537], [65_537])).toEqual([131_073]);
    expect(two(mul, 'u32', [2 ** 31 + 1], [3])).toEqual([(2 ** 31 + 3) % 2 ** 32]);
    expect(two(sub, 'u32', [1], [2])).toEqual([2 ** 32 - 1]);
    expect(one(neg, 'i32', [-(2 ** 31)])).toEqual([-(2 ** 31)]);
    expect(one(not, 'u32', [0])).toEqual([2 ** 32 - 1]);
    const dot = (x: Expr, y: Expr): Expr => dotGeneral(x, y, { contract: [[0], [0]] });
    expect(two(dot, 'i32', [65_537, 2 ** 30], [65_537, 4])).toEqual([131_073]);
  });
});

describe('conversions', () => {
  it('of floats truncate and saturate; NaN is 0', () => {
    const list = [1.9, -1.9, 3e9, -3e9, 5e9, nan, inf];
    expect(one((x) => convert(x, 'i32'), 'f64', list)).toEqual([
      1,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 31 - 1,
      0,
      2 ** 31 - 1,
    ]);
    expect(one((x) => convert(x, 'u32'), 'f64', list).map((x) => x + 0)).toEqual([
      1,
      0,
      3e9,
      0,
      2 ** 32 - 1,
      0,
      2 ** 32 - 1,
    ]);
    expect(one((x) => convert(x, 'bool'), 'f64', [0, -0, 0.5, nan])).toEqual([0, 0, 1, 1]);
  });

  it('between i32 and u32 keep the bits', () => {
    expect(one((x) => convert(x, 'u32'), 'i32', [-1, 5])).toEqual([2 ** 32 - 1, 5]);
    expect(one((x) => convert(x, 'i32'), 'u32', [2 ** 32 - 1, 5])).toEqual([-1, 5]);
  });
});

describe('NaN, infinities and ties', () => {
  it('in maximum and minimum, NaN wins', () => {
    expect(two(maximum, 'f64', [nan, 1], [1, nan])).toEqual([nan, nan]);
    expect(two(minimum, 'f64', [nan, 1], [1, nan])).toEqual([nan, nan]);
    expect(one((x) => reduceMax(x), 'f64', [1, nan, 2])).toEqual([nan]);
  });

  it('argmax is the first largest, and the first NaN before all', () => {
    expect(one((x) => argmax(x), 'f64', [1, 3, 3])).toEqual([1]);
    expect(one((x) => argmax(x), 'f64', [1, nan, 9, nan])).toEqual([1]);
    expect(one((x) => argmax(x, 0), 'f64', [nan, 9])).toEqual([0]);
    expect(one((x) => argmax(x), 'f64', [inf, nan])).toEqual([1]);
  });

  it('rounding to even, sign and isFinite', () => {
    expect(one(roundNearestEven, 'f64', [0.5, 1.5, -2.5, inf, nan]).map((x) => x + 0)).toEqual([0, 2, -2, inf, nan]);
    expect(one(sign, 'f64', [-3, 0, nan])).toEqual([-1, 0, nan]);
    expect(one(isFinite, 'f64', [1, inf, -inf, nan])).toEqual([1, 0, 0, 0]);
    expect(one(exp, 'f64', [-inf])).toEqual([0]);
  });
});

describe('powers', () => {
  // IEEE 754-2019, 9.2.1: pow(+1, y) is 1 for any y, pow(−1, ±∞) is 1; a negative base to a fraction is invalid.
  it('of 1 to anything and of −1 to an infinity are 1', () => {
    expect(two(pow, 'f64', [1, 1, 1, -1, -1], [nan, inf, -inf, inf, -inf])).toEqual([1, 1, 1, 1, 1]);
    expect(two(pow, 'f64', [-1, -1, -1, -1], [3, 2, 0.5, nan])).toEqual([-1, 1, nan, nan]);
    expect(two(pow, 'f64', [2, 2, 0.5, 3], [inf, -inf, inf, 2])).toEqual([inf, 0, 0, 9]);
  });
});

describe('axes', () => {
  it('of extent 1 repeat their element, at any place', () => {
    const repeated = (list: readonly number[], shape: Shape) =>
      numbers([of('f64', list, shape)], (x) => broadcastInDim(x as Expr, [2, 3], [0, 1]));
    expect(repeated([1, 2], [2, 1])).toEqual([1, 1, 1, 2, 2, 2]);
    expect(repeated([1, 2, 3], [1, 3])).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('between two others are summed for each pair of those', () => {
    const x = of('f64', [1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    expect(numbers([x], (of) => reduceSum(of as Expr, [1]))).toEqual([4, 6, 12, 14]);
  });
});

describe('gather', () => {
  it('walks the first axes of operand and indices together', () => {
    const given = [of('f64', [1, 2, 3, 4, 5, 6], [2, 3]), of('i32', [0, 2, 1, 0], [2, 2])];
    expect(numbers(given, (x, i) => gather(x as Expr, i as Expr, 1, 1))).toEqual([1, 3, 5, 4]);
  });
});

describe('indices outside', () => {
  it('are clamped by gather and dynamicSlice', () => {
    const at = [of('f64', [1, 2, 3]), of('i32', [-5, 9])];
    expect(numbers(at, (x, i) => gather(x as Expr, i as Expr))).toEqual([1, 3]);
    expect(numbers([of('f64', [1, 2, 3])], (x) => dynamicSlice(x as Expr, [7], [2]))).toEqual([2, 3]);
    expect(numbers([of('f64', [1, 2, 3])], (x) => dynamicSlice(x as Expr, [-7], [2]))).toEqual([1, 2]);
  });

  it('negative axes count from the end', () => {
    expect(numbers([of('f64', [1, 2], [2, 1])], (x) => concatenate([x as Expr, x as Expr], -1))).toEqual([1, 1, 2, 2]);
    expect(numbers([of('f64', [1, 2], [1, 2]), of('i32', [1])], (x, i) => gather(x as Expr, i as Expr, -1))).toEqual([
      2,
    ]);
  });
});
