import {
  abs,
  ceil,
  cos,
  type Expr,
  exp,
  expm1,
  floor,
  isFinite,
  log,
  log1p,
  logistic,
  neg,
  roundNearestEven,
  rsqrt,
  sign,
  sin,
  sqrt,
  stopGradient,
  tanh,
} from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { between, given, integers, wideIntegers } from '../source.js';
import { type Computation, elementwise, exact, transcendental } from '../tolerance.js';
import { floats, forEach, integerDTypes, moves, onEdgeShapes } from './dtypes.js';
import { roundable, special } from './special.js';

type Op = (x: Expr) => Expr;

/** Ranges apart, because errors are measured against the largest number of a case. */
const real = (
  op: Op,
  computation: Computation,
  ranges: ReadonlyArray<readonly [number, number]>,
  specials = special,
): readonly Case[] => [
  ...ranges.flatMap(([low, high]) =>
    forEach(floats, (dtype) =>
      example(`between ${low} and ${high}, ${dtype}`, computation, { x: between(low, high, [3, 7], dtype) }, ({ x }) =>
        op(x),
      ),
    ),
  ),
  ...forEach(floats, (dtype) =>
    example(`of NaN, infinities and zeros, ${dtype}`, computation, { x: given(specials, dtype) }, ({ x }) => op(x)),
  ),
  onEdgeShapes(computation, (shape) => between(ranges[0]?.[0] ?? 0, ranges[0]?.[1] ?? 1, shape), op),
];

const step = (op: Op): readonly Case[] => [
  ...real(op, exact, [[-5, 5]]),
  example('of ties and large numbers', exact, { x: given(roundable) }, ({ x }) => op(x)),
];

/** The smallest and largest numbers of f32: none may become 0 or infinite on the way. */
const extremes = [1e-40, -1e-40, 1.1754943508222875e-38, 3.4028234663852886e38, -3.4028234663852886e38];

const extreme = (op: Op): Case =>
  example('of subnormal and of the largest numbers', exact, { x: given(extremes) }, ({ x }) => op(x));

/** Elementwise functions of one operand. */
export const unaryCases = {
  abs: [...step(abs), extreme(abs)],
  ceil: step(ceil),
  cos: real(cos, transcendental, [
    [-3, 3],
    [-100, 100],
  ]),
  exp: real(exp, transcendental, [
    [-1, 1],
    [60, 80],
    [-80, -60],
  ]),
  expm1: real(expm1, transcendental, [
    [-2, 2],
    [-1e-3, 1e-3],
    [-30, -3],
  ]),
  floor: step(floor),
  is_finite: real(isFinite, exact, [[-2, 2]]),
  log: real(log, transcendental, [
    [0.01, 10],
    [0.9, 1.1],
    [1e5, 1e30],
  ]),
  log1p: real(log1p, transcendental, [
    [-0.9, 3],
    [-1e-3, 1e-3],
  ]),
  logistic: real(logistic, transcendental, [
    [-4, 4],
    [-60, -40],
    [20, 90],
  ]),
  neg: [
    ...real(neg, exact, [[-2, 2]]),
    extreme(neg),
    ...forEach(integerDTypes, (dtype) =>
      example(`wraps, ${dtype}`, exact, { x: wideIntegers([5], dtype), z: given([0, 1], dtype) }, ({ x, z }) => ({
        wide: neg(x),
        small: neg(z),
      })),
    ),
    example('of the smallest integer', exact, { x: given([-(2 ** 31)], 'i32') }, ({ x }) => neg(x)),
  ],
  round_nearest_even: step(roundNearestEven),
  rsqrt: real(rsqrt, elementwise, [
    [0.01, 4],
    [1e10, 1e30],
    [1e-30, 1e-10],
  ]),
  sign: [...step(sign), extreme(sign)],
  sin: real(sin, transcendental, [
    [-3, 3],
    [-1e-3, 1e-3],
    [-100, 100],
  ]),
  sqrt: real(sqrt, elementwise, [
    [0, 9],
    [1e10, 1e30],
    [1e-30, 1e-20],
  ]),
  stop_gradient: [
    ...moves('keeps', [2, 3], stopGradient),
    example('of integers', exact, { x: integers(-9, 9, [4]) }, ({ x }) => stopGradient(x)),
  ],
  tanh: real(tanh, transcendental, [
    [-3, 3],
    [-1e-3, 1e-3],
    [-20, 20],
  ]),
} as const;
