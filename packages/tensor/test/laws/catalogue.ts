import fc from 'fast-check';
import { input } from '../../src/expr.js';
import {
  add,
  type DType,
  type GatherParams,
  Graph,
  mul,
  type NoParams,
  type ParamsOf,
  type PrimitiveName,
  type ReduceParams,
  type ScanParams,
  type Shape,
  sin,
  tanh,
} from '../../src/index.js';
import { TensorType } from '../../src/type.js';
import { eighths, valid } from './evaluating.js';

/** An operand to try a primitive with. */
export type OperandSpec = {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Where the primitive is defined, and smooth where it has a derivative. */
  readonly element: fc.Arbitrary<number>;
  /** Added to element i as i · spread: keeps elements apart where ties are kinks. */
  readonly spread: number;
};

/** One way to apply a primitive. */
export type Example<Params> = {
  readonly params: Params;
  readonly operands: readonly OperandSpec[];
};

/** What the laws need to know of a primitive. */
export type PrimitiveRecord<Params> = {
  readonly examples: ReadonlyArray<Example<Params>>;
  /** `none`: its results do not depend smoothly on any operand, and no cotangent flows. */
  readonly derivative: 'smooth' | 'none';
};

const spec = (dtype: DType, shape: Shape, element: fc.Arbitrary<number> = eighths, spread = 0): OperandSpec => ({
  dtype,
  shape,
  element,
  spread,
});

const f64 = (shape: Shape, element?: fc.Arbitrary<number>, spread?: number): OperandSpec =>
  spec('f64', shape, element, spread);

const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const i32 = (shape: Shape, min = -5, max = 5): OperandSpec => spec('i32', shape, int(min, max));
const u32 = (shape: Shape): OperandSpec => spec('u32', shape, int(0, 9));
const bool = (shape: Shape): OperandSpec => spec('bool', shape, int(0, 1));

const positive = fc.integer({ min: 2, max: 16 }).map((n) => n / 8);
const notZero = eighths.filter((x) => Math.abs(x) >= 0.25);
const farFromZero = eighths.map((x) => (x < 0 ? x - 0.5 : x + 0.5));
/** Away from the integers and the half-integers, where step functions step. */
const betweenSteps = fc.integer({ min: -8, max: 8 }).map((n) => n / 2 + 0.2);
/** Elements far enough apart that no two of them meet within a central difference. */
const apart = int(-4, 4);

const pair: Shape = [2, 3];
const none = {};

const unary = (element?: fc.Arbitrary<number>): PrimitiveRecord<NoParams> => ({
  derivative: 'smooth',
  examples: [
    { params: none, operands: [f64(pair, element)] },
    { params: none, operands: [f64([], element)] },
  ],
});

const step = (element?: fc.Arbitrary<number>): PrimitiveRecord<NoParams> => ({ ...unary(element), derivative: 'none' });

const binary = (right?: fc.Arbitrary<number>): PrimitiveRecord<NoParams> => ({
  derivative: 'smooth',
  examples: [
    { params: none, operands: [f64(pair), f64(pair, right)] },
    { params: none, operands: [i32(pair), i32(pair, 1, 5)] },
    { params: none, operands: [u32([4]), u32([4])] },
  ],
});

const extremum: PrimitiveRecord<NoParams> = {
  derivative: 'smooth',
  examples: [
    {
      params: none,
      operands: [
        f64(pair, apart),
        f64(
          pair,
          apart.map((x) => x + 0.5),
        ),
      ],
    },
    { params: none, operands: [i32(pair), i32(pair)] },
  ],
};

const logical: PrimitiveRecord<NoParams> = {
  derivative: 'none',
  examples: [
    { params: none, operands: [bool(pair), bool(pair)] },
    { params: none, operands: [i32(pair), i32(pair)] },
    { params: none, operands: [u32(pair), u32(pair)] },
  ],
};

const extremeOver: PrimitiveRecord<ReduceParams> = {
  derivative: 'smooth',
  examples: [
    { params: { axes: [1] }, operands: [f64([2, 3], apart, 0.1)] },
    { params: { axes: [0, 2] }, operands: [f64([2, 2, 2], apart, 0.1)] },
    { params: { axes: [0] }, operands: [i32([3])] },
  ],
};

const gatherExamples: ReadonlyArray<Example<GatherParams>> = [
  { params: { axis: 0, batchDims: 0 }, operands: [f64([3, 2]), i32([2], 0, 2)] },
  { params: { axis: 1, batchDims: 0 }, operands: [f64([2, 3, 2]), i32([2, 2], -1, 3)] },
  { params: { axis: 1, batchDims: 1 }, operands: [f64([2, 3]), i32([2], 0, 2)] },
  { params: { axis: 2, batchDims: 1 }, operands: [f64([2, 2, 3]), spec('u32', [2, 2], int(0, 2))] },
];

/** (carry, k, x) ↦ (tanh(carry · k + x), sin(carry) · x), with a captured constant k. */
const recurrence = (): Graph => {
  const type = new TensorType('f64', [2]);
  const [k, carry, x] = [input('k', type), input('carry', type), input('x', type)];
  return new Graph([k, carry, x], [valid(tanh(add(mul(carry, k), x))), valid(mul(sin(carry), x))]);
};

const scanOver = (length: number, reverse: boolean): Example<ScanParams> => ({
  params: { body: recurrence(), numConsts: 1, numCarry: 1, length, reverse, remat: 'carry' },
  operands: [f64([2]), f64([2]), f64([length, 2])],
});

const counted = (): Graph => {
  const [count, x] = [input('count', new TensorType('i32', [])), input('x', new TensorType('f64', []))];
  return new Graph([count, x], [valid(add(count, 1)), valid(mul(x, x))]);
};

const product = (): Graph => {
  const type = new TensorType('f64', [2]);
  const [x, y] = [input('x', type), input('y', type)];
  return new Graph([x, y], [valid(mul(x, sin(y))), valid(add(x, 1))]);
};

/** A record for every primitive: a missing one does not compile. */
export const records: { readonly [N in PrimitiveName]: PrimitiveRecord<ParamsOf<N>> } = {
  abs: unary(notZero),
  add: binary(),
  and: logical,
  argmax: {
    derivative: 'none',
    examples: [
      { params: { axis: 1 }, operands: [f64([2, 3])] },
      { params: { axis: 0 }, operands: [i32([3, 2])] },
    ],
  },
  block: {
    derivative: 'smooth',
    examples: [{ params: { name: 'product', attributes: { n: 1 }, body: product() }, operands: [f64([2]), f64([2])] }],
  },
  broadcast_in_dim: {
    derivative: 'smooth',
    examples: [
      { params: { shape: [2, 3], dims: [1] }, operands: [f64([3])] },
      { params: { shape: [2, 3, 2], dims: [0, 2] }, operands: [f64([2, 1])] },
      { params: { shape: [1, 2], dims: [0] }, operands: [f64([1])] },
      { params: { shape: [2, 2], dims: [] }, operands: [bool([])] },
    ],
  },
  ceil: step(betweenSteps),
  compare: {
    derivative: 'none',
    examples: (['EQ', 'NE', 'LT', 'LE', 'GT', 'GE'] as const).flatMap((direction) => [
      { params: { direction }, operands: [f64(pair), f64(pair)] },
      { params: { direction }, operands: [bool(pair), bool(pair)] },
      { params: { direction }, operands: [i32(pair), i32(pair)] },
    ]),
  },
  concatenate: {
    derivative: 'smooth',
    examples: [
      { params: { axis: 0 }, operands: [f64([1, 2]), f64([2, 2])] },
      { params: { axis: 1 }, operands: [f64([2, 1]), f64([2, 0]), f64([2, 2])] },
      { params: { axis: 0 }, operands: [bool([2]), bool([1])] },
    ],
  },
  constant: {
    derivative: 'none',
    examples: [
      { params: { dtype: 'f64', shape: [2], values: [1.5] }, operands: [] },
      { params: { dtype: 'i32', shape: [2], values: [1, -2] }, operands: [] },
      { params: { dtype: 'bool', shape: [], values: [1] }, operands: [] },
    ],
  },
  convert: {
    derivative: 'smooth',
    examples: [
      { params: { dtype: 'f32' }, operands: [f64(pair)] },
      { params: { dtype: 'i32' }, operands: [f64(pair, betweenSteps)] },
      { params: { dtype: 'u32' }, operands: [i32(pair)] },
      { params: { dtype: 'i32' }, operands: [u32(pair)] },
      { params: { dtype: 'bool' }, operands: [i32(pair)] },
      { params: { dtype: 'f64' }, operands: [bool(pair)] },
    ],
  },
  cos: unary(),
  cumsum: {
    derivative: 'smooth',
    examples: [
      { params: { axis: 0, reverse: false }, operands: [f64([3, 2])] },
      { params: { axis: 1, reverse: true }, operands: [f64([2, 3, 2])] },
      { params: { axis: 0, reverse: true }, operands: [i32([3])] },
    ],
  },
  div: { ...binary(farFromZero), examples: binary(farFromZero).examples.slice(0, 2) },
  dot_general: {
    derivative: 'smooth',
    examples: [
      { params: { contract: [[1], [0]], batch: [[], []], dtype: 'f64' }, operands: [f64([2, 3]), f64([3, 2])] },
      { params: { contract: [[2], [1]], batch: [[0], [0]], dtype: 'f64' }, operands: [f64([2, 1, 3]), f64([2, 3, 2])] },
      {
        params: {
          contract: [
            [0, 3],
            [2, 0],
          ],
          batch: [[2], [1]],
          dtype: 'f64',
        },
        operands: [f64([2, 2, 3, 1]), f64([1, 3, 2])],
      },
      { params: { contract: [[], []], batch: [[], []], dtype: 'f64' }, operands: [f64([2]), f64([3])] },
      {
        params: { contract: [[0], [0]], batch: [[], []], dtype: 'f64' },
        operands: [spec('f32', [2]), spec('f32', [2])],
      },
      { params: { contract: [[0], [0]], batch: [[], []], dtype: 'i32' }, operands: [i32([3]), i32([3])] },
    ],
  },
  dynamic_slice: {
    derivative: 'smooth',
    examples: [
      { params: { sizes: [2, 1] }, operands: [f64([3, 2]), i32([], -1, 3), i32([], -1, 3)] },
      { params: { sizes: [2] }, operands: [bool([3]), i32([], 0, 1)] },
    ],
  },
  dynamic_update_slice: {
    derivative: 'smooth',
    examples: [
      { params: none, operands: [f64([3, 2]), f64([2, 1]), i32([], -1, 3), i32([], -1, 3)] },
      { params: none, operands: [bool([3]), bool([2]), i32([], 0, 1)] },
    ],
  },
  exp: unary(),
  expm1: unary(),
  floor: step(betweenSteps),
  gather: { derivative: 'smooth', examples: gatherExamples },
  iota: {
    derivative: 'none',
    examples: [
      { params: { dtype: 'i32', shape: [2, 3], dimension: 1 }, operands: [] },
      { params: { dtype: 'f64', shape: [2, 3], dimension: 0 }, operands: [] },
    ],
  },
  is_finite: step(fc.constantFrom(1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
  log: unary(positive),
  log1p: unary(positive),
  logistic: unary(),
  maximum: extremum,
  minimum: extremum,
  mul: binary(),
  neg: {
    derivative: 'smooth',
    examples: [
      { params: none, operands: [f64(pair)] },
      { params: none, operands: [i32(pair)] },
    ],
  },
  not: {
    derivative: 'none',
    examples: [bool(pair), i32(pair), u32(pair)].map((operand) => ({ params: none, operands: [operand] })),
  },
  or: logical,
  pad: {
    derivative: 'smooth',
    examples: [
      { params: { low: [1, 0], high: [0, 2], interior: [0, 1], value: 2 }, operands: [f64([2, 3])] },
      { params: { low: [1], high: [1], interior: [2], value: 0 }, operands: [i32([3])] },
      { params: { low: [1], high: [1], interior: [1], value: 1 }, operands: [f64([0])] },
    ],
  },
  pow: { derivative: 'smooth', examples: [{ params: none, operands: [f64(pair, positive), f64(pair)] }] },
  reduce_max: extremeOver,
  reduce_min: extremeOver,
  reduce_sum: {
    derivative: 'smooth',
    examples: [
      { params: { axes: [1] }, operands: [f64([2, 3])] },
      { params: { axes: [0, 2] }, operands: [f64([2, 3, 2])] },
      { params: { axes: [0] }, operands: [f64([0, 2])] },
      { params: { axes: [0] }, operands: [u32([3])] },
    ],
  },
  rem: {
    derivative: 'smooth',
    examples: [
      // Quotients x / 2 with x between the multiples of 2 stay between steps.
      { params: none, operands: [f64(pair, betweenSteps), f64(pair, fc.constantFrom(2, -2))] },
      { params: none, operands: [i32(pair), i32(pair)] },
    ],
  },
  reshape: {
    derivative: 'smooth',
    examples: [
      { params: { shape: [3, 2] }, operands: [f64([2, 3])] },
      { params: { shape: [] }, operands: [f64([1, 1])] },
      { params: { shape: [4] }, operands: [bool([2, 2])] },
    ],
  },
  round_nearest_even: step(betweenSteps),
  rsqrt: unary(positive),
  scan: {
    derivative: 'smooth',
    examples: [
      scanOver(3, false),
      scanOver(3, true),
      scanOver(1, false),
      scanOver(0, false),
      {
        params: { body: counted(), numConsts: 0, numCarry: 1, length: 3, reverse: false, remat: 'carry' },
        operands: [i32([]), f64([3])],
      },
    ],
  },
  scatter_add: {
    derivative: 'smooth',
    examples: gatherExamples.map(({ params, operands: [x, indices] }) => ({
      params,
      operands: [
        x ?? f64([]),
        indices ?? i32([]),
        f64([
          ...(x?.shape.slice(0, params.axis) ?? []),
          ...(indices?.shape.slice(params.batchDims) ?? []),
          ...(x?.shape.slice(params.axis + 1) ?? []),
        ]),
      ],
    })),
  },
  select: {
    derivative: 'smooth',
    examples: [
      { params: none, operands: [bool(pair), f64(pair), f64(pair)] },
      { params: none, operands: [bool(pair), i32(pair), i32(pair)] },
    ],
  },
  sign: step(notZero),
  sin: unary(),
  slice: {
    derivative: 'smooth',
    examples: [
      { params: { start: [1, 0], limit: [3, 2], strides: [1, 1] }, operands: [f64([3, 2])] },
      { params: { start: [0, 1], limit: [3, 6], strides: [2, 3] }, operands: [f64([3, 7])] },
      { params: { start: [1], limit: [1], strides: [1] }, operands: [f64([3])] },
      { params: { start: [0], limit: [2], strides: [1] }, operands: [bool([3])] },
    ],
  },
  sqrt: unary(positive),
  stop_gradient: { derivative: 'none', examples: [{ params: none, operands: [f64(pair)] }] },
  sub: binary(),
  tanh: unary(),
  transpose: {
    derivative: 'smooth',
    examples: [
      { params: { permutation: [1, 0] }, operands: [f64([2, 3])] },
      { params: { permutation: [2, 0, 1] }, operands: [f64([2, 3, 2])] },
      { params: { permutation: [] }, operands: [i32([])] },
    ],
  },
};
