import { add, constant, div, type Expr, maximum, minimum, mul, pow, rem, sub } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { between, given, integers, type Source, wideIntegers } from '../source.js';
import { type Computation, elementwise, exact, transcendental } from '../tolerance.js';
import { floats, forEach, integerDTypes, onEdgeShapes } from './dtypes.js';
import { paired } from './special.js';

type Op = (x: Expr, y: Expr) => Expr;
type Range = readonly [low: number, high: number];

const onShapes = (op: Op, computation: Computation, [low, high]: Range): readonly Case[] => {
  const draw = (...shape: readonly number[]): Source => between(low, high, shape);
  const shaped = (name: string, x: Source, y: Source): Case =>
    example(name, computation, { x, y }, (inputs) => op(inputs.x, inputs.y));
  return [
    shaped('rows', draw(2, 3, 4), draw(4)),
    shaped('columns', draw(2, 3, 1), draw(2, 3, 4)),
    shaped('outer', draw(2, 1, 4), draw(3, 1)),
    shaped('scalar', draw(), draw(2, 3)),
    shaped('middle of five axes', draw(2, 1, 3, 1, 2), draw(2, 2, 3, 2, 2)),
    shaped('nothing', draw(0, 3), draw(3)),
    onEdgeShapes(
      computation,
      (shape) => between(low, high, shape),
      (x) => op(x, x),
    ),
    example('with a number', computation, { x: draw(3, 4) }, ({ x }) => op(x, constant(1.5, 'f32'))),
  ];
};

const real = (op: Op, computation: Computation, range: Range): readonly Case[] => [
  ...forEach(floats, (dtype) =>
    example(dtype, computation, { x: between(...range, [3, 5], dtype), y: between(...range, [3, 5], dtype) }, (given) =>
      op(given.x, given.y),
    ),
  ),
  ...forEach(floats, (dtype) => {
    const sources = { x: given(paired, dtype, [paired.length, 1]), y: given(paired, dtype) };
    return example(`of NaN, infinities and zeros, ${dtype}`, computation, sources, ({ x, y }) => op(x, y));
  }),
  ...onShapes(op, computation, range),
];

const wrapping = (op: Op): readonly Case[] =>
  forEach(integerDTypes, (dtype) =>
    example(`wraps, ${dtype}`, exact, { x: wideIntegers([4, 5], dtype), y: wideIntegers([5], dtype) }, ({ x, y }) =>
      op(x, y),
    ),
  );

const small = (op: Op): readonly Case[] => [
  example('small integers, i32', exact, { x: integers(-9, 9, [6, 7]), y: integers(-9, 9, [7]) }, ({ x, y }) =>
    op(x, y),
  ),
  example(
    'small integers, u32',
    exact,
    { x: integers(0, 9, [6, 7], 'u32'), y: integers(0, 9, [7], 'u32') },
    ({ x, y }) => op(x, y),
  ),
];

const smallest = -(2 ** 31);

const byZero = (op: Op): readonly Case[] => [
  example('integers by zero', exact, { x: given([5, -5, 0, smallest], 'i32') }, ({ x }) => op(x, mulByZero(x))),
  example('the smallest integer by −1', exact, { x: given([smallest, 7], 'i32'), y: given([-1], 'i32') }, ({ x, y }) =>
    op(x, y),
  ),
];

const mulByZero = (x: Expr): Expr => mul(x, 0);

const subnormal = (op: Op, by: number): Case =>
  example('keeps subnormal numbers', exact, { x: given([1e-38, 3e-39, -1e-40]), y: given([by]) }, ({ x, y }) =>
    op(x, y),
  );

const ties = { x: given([1, 2, 3, -0, 0]), y: given([1, 2, 3, 0, -0]) };

/** Elementwise functions of two operands. */
export const binaryCases = {
  add: [...real(add, exact, [-2, 2]), ...wrapping(add), subnormal(add, 2e-39)],
  div: [...real(div, elementwise, [0.5, 4]), ...small(div), ...wrapping(div), ...byZero(div)],
  maximum: [
    ...real(maximum, exact, [-2, 2]),
    ...wrapping(maximum),
    example('of equal numbers and zeros', exact, ties, ({ x, y }) => maximum(x, y)),
  ],
  minimum: [
    ...real(minimum, exact, [-2, 2]),
    ...wrapping(minimum),
    example('of equal numbers and zeros', exact, ties, ({ x, y }) => minimum(x, y)),
  ],
  mul: [...real(mul, exact, [-2, 2]), ...wrapping(mul), subnormal(mul, 0.5)],
  pow: [
    ...real(pow, transcendental, [0.2, 3]),
    example(
      'of 1 and −1 to any power',
      transcendental,
      { x: given([1, -1], 'f32', [2, 1]), y: given([...paired, 2, 3]) },
      ({ x, y }) => pow(x, y),
    ),
    example(
      'of negative numbers',
      transcendental,
      { x: given([-1.5, -2, -0.5], 'f32', [3, 1]), y: given([0, 1, 2, 3, -1, -2, 0.5]) },
      ({ x, y }) => pow(x, y),
    ),
  ],
  rem: [
    ...real(rem, exact, [0.5, 7]),
    example('of both signs', exact, { x: between(-7, 7, [5, 1]), y: given([2, -2, 0.75, -0.75]) }, ({ x, y }) =>
      rem(x, y),
    ),
    ...small(rem),
    ...wrapping(rem),
    ...byZero(rem),
  ],
  sub: [...real(sub, exact, [-2, 2]), ...wrapping(sub)],
} as const;
