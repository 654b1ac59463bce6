import {
  abs,
  add,
  and,
  argmax,
  broadcastInDim,
  ceil,
  clip,
  concatenate,
  constant,
  convert,
  cos,
  cumsum,
  div,
  dotGeneral,
  dynamicSlice,
  dynamicUpdateSlice,
  type Expr,
  type ExprTree,
  einsum,
  eq,
  exp,
  expm1,
  floor,
  gather,
  ge,
  gelu,
  grad,
  gt,
  iota,
  isFinite,
  layerNorm,
  le,
  log,
  log1p,
  logistic,
  logSumExp,
  lt,
  matmul,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  not,
  or,
  pad,
  pow,
  reduceMax,
  reduceMin,
  reduceSum,
  rem,
  reshape,
  rmsNorm,
  roundNearestEven,
  rsqrt,
  type Scanned,
  scan,
  scatterAdd,
  select,
  sign,
  silu,
  sin,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  type TensorType,
  tanh,
  tensorType,
  transpose,
  where,
} from '@torsor/tensor';

/** A program and how its inputs are drawn. */
export type Case = {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly build: (inputs: Readonly<Record<string, Expr>>) => ExprTree;
  /** Numbers between which inputs are drawn; −2 to 2 by default. */
  readonly between?: readonly [number, number];
};

const absent = constant(0, 'f32');
const f = (...shape: readonly number[]): TensorType => tensorType('f32', shape);
const i = (...shape: readonly number[]): TensorType => tensorType('i32', shape);
type Build = (a: Expr, b: Expr, c: Expr) => ExprTree;

const x = (
  name: string,
  inputs: Readonly<Record<string, TensorType>>,
  build: Build,
  between?: readonly [number, number],
): Case => ({
  name,
  inputs,
  build: (given) => {
    const [a = absent, b = absent, c = absent] = Object.keys(inputs).map((key) => given[key] ?? absent);
    return build(a, b, c);
  },
  ...(between === undefined ? {} : { between }),
});

const one = (name: string, op: (a: Expr) => Expr, between?: readonly [number, number]): Case =>
  x(name, { a: f(3, 5) }, (a) => op(a), between);
const two = (name: string, op: (a: Expr, b: Expr) => Expr, between?: readonly [number, number]): readonly Case[] => [
  x(`${name} f32`, { a: f(2, 3, 4), b: f(2, 3, 4) }, (a, b) => op(a, b), between),
  x(`${name} rows`, { a: f(2, 3, 4), b: f(4) }, (a, b) => op(a, b), between),
  x(`${name} columns`, { a: f(2, 3, 4), b: f(2, 3, 1) }, (a, b) => op(a, b), between),
  x(`${name} outer`, { a: f(2, 1, 4), b: f(3, 1) }, (a, b) => op(a, b), between),
];
const integers = (name: string, op: (a: Expr, b: Expr) => Expr): Case =>
  x(`${name} i32`, { a: i(4, 5), b: i(5) }, (a, b) => op(a, b), [-7, 7]);

/** Every primitive, and some composites and loops. */
export const cases: readonly Case[] = [
  one('abs', abs),
  one('ceil', ceil),
  one('cos', cos, [-20, 20]),
  one('exp', exp, [-20, 20]),
  one('expm1', expm1),
  one('floor', floor),
  one('isFinite', isFinite),
  one('log', log, [0.01, 20]),
  one('log1p', log1p, [-0.9, 3]),
  one('logistic', logistic, [-20, 20]),
  one('neg', neg),
  one('roundNearestEven', roundNearestEven, [-8, 8]),
  one('rsqrt', rsqrt, [0.01, 5]),
  one('sign', sign),
  one('sin', sin, [-20, 20]),
  one('sqrt', sqrt, [0, 9]),
  one('tanh', tanh, [-6, 6]),
  ...two('add', add),
  ...two('sub', sub),
  ...two('mul', mul),
  ...two('div', div, [0.5, 4]),
  ...two('maximum', maximum),
  ...two('minimum', minimum),
  ...two('pow', pow, [0.2, 3]),
  ...two('rem', rem, [0.5, 7]),
  ...two('eq', eq),
  ...two('lt', lt),
  integers('add', add),
  integers('sub', sub),
  integers('mul', mul),
  integers('div', div),
  integers('rem', rem),
  integers('and', and),
  integers('or', or),
  integers('maximum', maximum),
  integers('ne', ne),
  integers('ge', ge),
  x('bools', { a: f(3, 4), b: f(4) }, (a, b) => ({
    and: and(gt(a, 0), le(b, 0)),
    or: or(gt(a, 0), le(b, 0)),
    not: not(gt(a, 0)),
    lt: lt(gt(a, 0), gt(b, 0)),
    eq: eq(gt(a, 0), gt(b, 0)),
  })),
  x('not i32', { a: i(4) }, (a) => not(a)),
  x(
    'convert',
    { a: f(6), b: i(6) },
    (a, b) => ({
      i: convert(a, 'i32'),
      b: convert(a, 'bool'),
      f: convert(b, 'f32'),
      fb: convert(gt(a, 0), 'f32'),
      ib: convert(gt(a, 0), 'i32'),
    }),
    [-5, 5],
  ),
  x('select', { a: f(3, 4), b: f(3, 4) }, (a, b) => select(gt(a, 0), a, b)),
  x('where', { a: f(3, 4), b: f(4) }, (a, b) => where(gt(b, 0), a, 0)),
  x('broadcast', { a: f(3, 1) }, (a) => broadcastInDim(a, [2, 3, 4], [1, 2])),
  x('reshape of broadcast', { a: f(3, 1) }, (a) => reshape(broadcastInDim(a, [2, 3, 4], [1, 2]), [6, 4])),
  x('reshape of repeated', { a: f(3) }, (a) => reshape(broadcastInDim(a, [2, 3], [1]), [2, 1, 3])),
  x('transpose', { a: f(2, 3, 4) }, (a) => ({ t: transpose(a, [2, 0, 1]), u: add(transpose(a, [2, 0, 1]), 1) })),
  x('transpose of ones', { a: f(2, 1, 4) }, (a) => transpose(a, [1, 0, 2])),
  x('slice', { a: f(4, 6) }, (a) => slice(a, [1, 0], [4, 5], [2, 3])),
  x('slice of repeated', { a: f(6) }, (a) => slice(broadcastInDim(a, [4, 6], [1]), [1, 2], [3, 5])),
  x('pad', { a: f(2, 3) }, (a) => pad(a, [1, 0], [0, 2], 7)),
  x('concatenate', { a: f(2, 3), b: f(2, 1) }, (a, b) => concatenate([a, b, a], 1)),
  x('iota', { a: f(2, 3) }, (a) => ({ a: add(a, iota('f32', [2, 3], 1)), b: iota('i32', [2, 3], 0) })),
  x('reduceSum', { a: f(2, 3, 4) }, (a) => ({
    all: reduceSum(a),
    first: reduceSum(a, [0]),
    ends: reduceSum(a, [0, 2]),
    last: reduceSum(a, [-1]),
  })),
  x('reduceSum of repeated', { a: f(3) }, (a) => reduceSum(broadcastInDim(a, [2, 3, 4], [1]), [0, 1])),
  x('reduceMax', { a: f(2, 3, 4) }, (a) => ({ all: reduceMax(a), mid: reduceMax(a, [1]), min: reduceMin(a, [0, 2]) })),
  x('reduceSum i32', { a: i(3, 4) }, (a) => reduceSum(a, [1])),
  x('argmax', { a: f(3, 4) }, (a) => ({ last: argmax(a), first: argmax(a, 0) })),
  x('cumsum', { a: f(3, 4), b: i(5) }, (a, b) => ({ a: cumsum(a, 0), b: cumsum(a, 1, true), c: cumsum(b, 0) })),
  x('matmul', { a: f(4, 5), b: f(5, 3) }, (a, b) => matmul(a, b)),
  x('matmul transposed', { a: f(5, 4), b: f(3, 5) }, (a, b) => matmul(transpose(a), transpose(b))),
  x('matmul batched', { a: f(2, 4, 5), b: f(2, 5, 3) }, (a, b) => matmul(a, b)),
  x('dotGeneral', { a: f(2, 3, 4, 5), b: f(5, 2, 6, 4) }, (a, b) =>
    dotGeneral(a, b, {
      contract: [
        [3, 2],
        [0, 3],
      ],
      batch: [[0], [1]],
    }),
  ),
  x('attention', { a: f(2, 3, 2, 2, 4), b: f(2, 5, 2, 4) }, (a, b) => einsum('btkgh,bskh->bkgts', [a, b])),
  x('dot i32', { a: i(2, 3), b: i(3, 2) }, (a, b) => matmul(a, b), [-9, 9]),
  x('dot with repeated', { a: f(2, 3), b: f(3) }, (a, b) => matmul(a, broadcastInDim(b, [3, 4], [0]))),
  x('gather', { a: f(5, 3), b: i(2, 2) }, (a, b) => ({ rows: gather(a, b), columns: gather(a, b, 1) }), [-1, 7]),
  x(
    'gather batched',
    { a: f(2, 3, 4), b: i(2, 5) },
    (a, b) => ({ near: gather(a, b, 1, 1), far: gather(a, b, 2, 1) }),
    [0, 4],
  ),
  x('scatterAdd', { a: f(5, 3), b: i(4), c: f(4, 3) }, (a, b, c) => scatterAdd(a, b, c), [-1, 7]),
  x('scatterAdd batched', { a: f(2, 3, 4), b: i(2, 5), c: f(2, 5, 4) }, (a, b, c) => scatterAdd(a, b, c, 1, 1), [0, 3]),
  x('dynamicSlice', { a: f(4, 6), b: i() }, (a, b) => dynamicSlice(a, [b, 1], [2, 3]), [-1, 6]),
  x('dynamicUpdateSlice', { a: f(4, 6), b: i(), c: f(2, 2) }, (a, b, c) => dynamicUpdateSlice(a, c, [1, b]), [-1, 6]),
  x('composites', { a: f(3, 8), g: f(8) }, (a, g) => ({
    softmax: softmax(a),
    lse: logSumExp(a),
    gelu: gelu(a),
    silu: silu(a),
    rms: rmsNorm(a, g),
    layer: layerNorm(a, g, g),
    clip: clip(a, -1, 1),
  })),
  x('same output twice', { a: f(3) }, (a) => ({ a: a, b: a, c: neg(a), d: neg(a), e: constant(2, 'f32', [3]) })),
  x('scan', { a: f(3), b: f(4, 3), c: f(3, 3) }, (a, b, c) => ({ ...recurrent(a, b, c) })),
  x('scan reversed', { a: f(3), b: f(4, 3), c: f(3, 3) }, (a, b, c) => ({ ...recurrent(a, b, c, true) })),
  x('gradient of a scan', { a: f(3), b: f(4, 3), c: f(3, 3) }, (a, b, c) =>
    grad((given: { readonly a: Expr; readonly c: Expr }) => reduceSum(recurrent(given.a, b, given.c).ys.sum))({ a, c }),
  ),
  x('gradients of composites', { a: f(3, 8), b: f(8) }, (a, b) =>
    grad((given: { readonly a: Expr; readonly b: Expr }) =>
      reduceSum(mul(softmax(gelu(rmsNorm(given.a, given.b))), sin(given.a))),
    )({ a, b }),
  ),
  x(
    'gradient of an embedding',
    { a: f(5, 3), b: i(4) },
    (a, b) => grad((t: Expr) => reduceSum(square(gather(t, b))))(a),
    [0, 4],
  ),
  x('gradient of slices', { a: f(6) }, (a) => grad((t: Expr) => reduceSum(square(slice(t, [1], [6], [2]))))(a)),
  x('gradient of attention', { a: f(2, 3, 2, 2, 4), b: f(2, 5, 2, 4) }, (a, b) =>
    grad((given: { readonly a: Expr; readonly b: Expr }) =>
      reduceSum(square(softmax(einsum('btkgh,bskh->bkgts', [given.a, given.b])))),
    )({ a, b }),
  ),
];

const recurrent = (
  start: Expr,
  elements: Expr,
  weights: Expr,
  reverse = false,
): Scanned<Expr, { readonly sum: Expr; readonly y: Expr }> => {
  return scan(
    (carry: Expr, element: Expr) => {
      const next = tanh(add(reshape(matmul(reshape(carry, [1, 3]), weights), [3]), element));
      return { carry: next, y: { y: mul(next, 2), sum: reduceSum(next) } };
    },
    start,
    elements,
    { reverse },
  );
};
