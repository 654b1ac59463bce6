import fc from 'fast-check';
import { describe, it } from 'vitest';
import {
  abs,
  add,
  and,
  ceil,
  concatenate,
  constant,
  convert,
  cumsum,
  type DType,
  div,
  dynamicSlice,
  dynamicUpdateSlice,
  type Expr,
  eq,
  exp,
  expm1,
  floor,
  gather,
  ge,
  gt,
  le,
  literal,
  log,
  log1p,
  logistic,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  not,
  or,
  pad,
  pow,
  type RefTensor,
  reduceMax,
  reduceSum,
  relu,
  rem,
  reshape,
  roundNearestEven,
  rsqrt,
  scatterAdd,
  select,
  sign,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  transpose,
  zerosLike,
} from '../../src/index.js';
import { eighths, expectNumbers, numbers, tensorOf } from './evaluating.js';

type Unary = (x: Expr) => Expr;
type Binary = (x: Expr, y: Expr) => Expr;

const shape = [2, 3];

const elements: { readonly [D in 'f64' | 'i32' | 'u32' | 'bool']: fc.Arbitrary<number> } = {
  f64: fc.oneof(eighths, fc.constantFrom(-0, 1e300, 1e-300)),
  i32: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  u32: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  bool: fc.integer({ min: 0, max: 1 }),
};

type Kind = keyof typeof elements;

const of = (dtype: DType & Kind): fc.Arbitrary<RefTensor> => tensorOf(shape, elements[dtype], dtype);

/** Both functions agree at every point; exactly unless a tolerance is given. */
const agree = (
  at: readonly fc.Arbitrary<RefTensor>[],
  f: (...x: Expr[]) => Expr,
  g: (...x: Expr[]) => Expr,
  tolerance = 0,
): void =>
  fc.assert(
    fc.property(fc.tuple(...at), (point) => {
      expectNumbers('the two sides', numbers(point, f as never), numbers(point, g as never), tolerance);
    }),
    { includeErrorInReport: true },
  );

const commutative: ReadonlyArray<readonly [string, Kind, Binary]> = [
  ...(['f64', 'i32', 'u32'] as const).flatMap(
    (dtype): ReadonlyArray<readonly [string, Kind, Binary]> => [
      ['add', dtype, add],
      ['mul', dtype, mul],
      ['maximum', dtype, maximum],
      ['minimum', dtype, minimum],
      ['eq', dtype, eq],
      ['ne', dtype, ne],
    ],
  ),
  ...(['bool', 'i32', 'u32'] as const).flatMap(
    (dtype): ReadonlyArray<readonly [string, Kind, Binary]> => [
      ['and', dtype, and],
      ['or', dtype, or],
    ],
  ),
];

it.each(commutative)('%s on %s is commutative', (_, dtype, f) => {
  agree(
    [of(dtype), of(dtype)],
    (x, y) => f(x as Expr, y as Expr),
    (x, y) => f(y as Expr, x as Expr),
  );
});

const associative: ReadonlyArray<readonly [string, Kind, Binary, number]> = [
  ['add', 'f64', add, 1e-12],
  ['mul', 'f64', (x, y) => mul(x, y), 1e-12],
  ['maximum', 'f64', maximum, 0],
  ['minimum', 'f64', minimum, 0],
  ...(['i32', 'u32'] as const).flatMap(
    (dtype): ReadonlyArray<readonly [string, Kind, Binary, number]> => [
      ['add', dtype, add, 0],
      ['mul', dtype, mul, 0],
      ['maximum', dtype, maximum, 0],
    ],
  ),
  ['and', 'i32', and, 0],
  ['or', 'bool', or, 0],
];

it.each(associative)('%s on %s is associative', (_, dtype, f, tolerance) => {
  const at = dtype === 'f64' ? tensorOf(shape) : of(dtype);
  agree(
    [at, at, at],
    (x, y, z) => f(f(x as Expr, y as Expr), z as Expr),
    (x, y, z) => f(x as Expr, f(y as Expr, z as Expr)),
    tolerance,
  );
});

const idempotent: ReadonlyArray<readonly [string, Kind, Unary]> = [
  ['abs', 'f64', abs],
  ['ceil', 'f64', ceil],
  ['floor', 'f64', floor],
  ['roundNearestEven', 'f64', roundNearestEven],
  ['relu', 'f64', relu],
  ['sign', 'f64', sign],
  ['stopGradient', 'f64', stopGradient],
  ['convert to f32 of f64', 'f64', (x) => convert(x, 'f64')],
];

it.each(idempotent)('%s on %s is idempotent', (_, dtype, f) => {
  agree(
    [of(dtype)],
    (x) => f(f(x as Expr)),
    (x) => f(x as Expr),
  );
});

const withItself: ReadonlyArray<readonly [string, Kind, Binary]> = [
  ['maximum', 'f64', maximum],
  ['minimum', 'i32', minimum],
  ['and', 'u32', and],
  ['or', 'bool', or],
  ['select', 'f64', (x, y) => select(gt(x, 0), x, y)],
];

it.each(withItself)('%s on %s of x with itself is x', (_, dtype, f) => {
  agree(
    [of(dtype)],
    (x) => f(x as Expr, x as Expr),
    (x) => x as Expr,
  );
});

/** g(f(x)) = x. */
const inverse: ReadonlyArray<readonly [string, fc.Arbitrary<RefTensor>, Unary, number]> = [
  ['neg of neg', of('f64'), (x) => neg(neg(x)), 0],
  ['neg of neg of integers', of('i32'), (x) => neg(neg(x)), 0],
  ['not of not', of('bool'), (x) => not(not(x)), 0],
  ['not of not of i32', of('i32'), (x) => not(not(x)), 0],
  ['not of not of u32', of('u32'), (x) => not(not(x)), 0],
  ['transpose of transpose', of('f64'), (x) => transpose(transpose(x)), 0],
  [
    'transposing by a permutation and its inverse',
    of('f64'),
    (x) => reshape(transpose(transpose(reshape(x, [1, 2, 3]), [2, 0, 1]), [1, 2, 0]), shape),
    0,
  ],
  ['reshape and back', of('f64'), (x) => reshape(reshape(x, [3, 1, 2]), shape), 0],
  ['log of exp', tensorOf(shape), (x) => log(exp(x)), 1e-12],
  ['log1p of expm1', tensorOf(shape), (x) => log1p(expm1(x)), 1e-12],
  ['slice of pad', of('f64'), (x) => slice(pad(x, [1, 2], [0, 1], 7), [1, 2], [3, 5]), 0],
  ['slice of concatenate', of('f64'), (x) => slice(concatenate([zerosLike(x), x], 1), [0, 3], [2, 6]), 0],
  [
    'gather by a permutation and its inverse',
    of('f64'),
    (x) => gather(gather(x, literal([2, 0, 1], 'i32'), 1), literal([1, 2, 0], 'i32'), 1),
    0,
  ],
  [
    'scatterAdd into zeros, gathered',
    of('f64'),
    (x) => gather(scatterAdd(zerosLike(x), literal([1, 0], 'i32'), x), literal([1, 0], 'i32')),
    0,
  ],
  [
    'dynamicSlice of dynamicUpdateSlice',
    of('f64'),
    (x) => dynamicSlice(dynamicUpdateSlice(constant(9, 'f64', [4, 4]), x, [1, 1]), [1, 1], shape),
    0,
  ],
  ['u32 as i32 and back', of('u32'), (x) => convert(convert(x, 'i32'), 'u32'), 0],
  [
    'the difference of sums',
    tensorOf(shape),
    (x) => sub(cumsum(x, 1), slice(pad(cumsum(x, 1), [0, 1], [0, 0]), [0, 0], shape)),
    1e-12,
  ],
  ['quotient · divisor + remainder', of('i32'), (x) => add(mul(div(x, 7), 7), rem(x, 7)), 0],
];

it.each(inverse)('%s is the identity', (_, at, f, tolerance) => {
  agree(
    [at],
    (x) => f(x as Expr),
    (x) => x as Expr,
    tolerance,
  );
});

const positive = tensorOf(
  shape,
  fc.integer({ min: 1, max: 40 }).map((n) => n / 8),
);

const identities: ReadonlyArray<readonly [string, fc.Arbitrary<RefTensor>, Unary, Unary]> = [
  ['√(x²) = |x|', tensorOf(shape), (x) => sqrt(square(x)), abs],
  ['rsqrt = 1/√', positive, rsqrt, (x) => div(1, sqrt(x))],
  ['σ(x) + σ(−x) = 1', tensorOf(shape), (x) => add(logistic(x), logistic(neg(x))), (x) => add(zerosLike(x), 1)],
  ['x^½ = √x', positive, (x) => pow(x, 0.5), sqrt],
  ['x⁰ = 1', tensorOf(shape), (x) => pow(x, 0), (x) => add(zerosLike(x), 1)],
  ['|x| · sign x = x', tensorOf(shape), (x) => mul(abs(x), sign(x)), (x) => x],
  ['−max(−x) = min x', tensorOf(shape), (x) => neg(maximum(neg(x), 0.5)), (x) => minimum(x, -0.5)],
  ['⌈x⌉ = −⌊−x⌋', tensorOf(shape), ceil, (x) => neg(floor(neg(x)))],
  [
    'reversed running sum = total − sum before',
    tensorOf(shape),
    (x) => cumsum(x, 1, true),
    (x) => sub(add(reshape(reduceSum(x, [1]), [2, 1]), x), cumsum(x, 1)),
  ],
  [
    'scatterAdd of repeated indices accumulates',
    tensorOf(shape),
    (x) => gather(scatterAdd(zerosLike(x), literal([0, 0], 'i32'), x), literal([0], 'i32')),
    (x) => reshape(reduceSum(x, [0]), [1, 3]),
  ],
  [
    'the largest of a row is no smaller',
    tensorOf(shape),
    (x) => convert(ge(reshape(reduceMax(x, [1]), [2, 1]), x), 'f64'),
    (x) => add(zerosLike(x), 1),
  ],
];

it.each(identities)('%s', (_, at, f, g) => {
  agree(
    [at],
    (x) => f(x as Expr),
    (x) => g(x as Expr),
    1e-12,
  );
});

const negations: ReadonlyArray<readonly [string, Binary, Binary]> = [
  ['eq and ne', eq, ne],
  ['lt and ge', lt, ge],
  ['gt and le', gt, le],
];

describe.each(negations)('%s', (_, f, g) => {
  it.each(['f64', 'i32', 'bool'] as const)('on %s are each other’s negation', (dtype) => {
    agree(
      [of(dtype), of(dtype)],
      (x, y) => f(x as Expr, y as Expr),
      (x, y) => not(g(x as Expr, y as Expr)),
    );
  });
});
