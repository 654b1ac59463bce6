import {
  clip,
  type Expr,
  einsum,
  expandDims,
  gelu,
  layerNorm,
  logSoftmax,
  logSumExp,
  mean,
  oneHot,
  relu,
  rmsNorm,
  rmsNormalize,
  silu,
  softmax,
  split,
  square,
  squeeze,
  stack,
  takeAlongLast,
  variance,
} from '@torsor/tensor';
import { type Case, example } from './case.js';
import { anything, between, given, integers, normals, type Source } from './source.js';
import { type Computation, composite, exact, sumOf } from './tolerance.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const one = (
  name: string,
  op: (x: Expr) => Expr,
  x: Source = normals([3, 8]),
  computation: Computation = composite,
): Case => example(name, computation, { x }, (given) => op(given.x));

const bothAxes =
  (op: (x: Expr, axes: readonly number[]) => Expr) =>
  (x: Expr): Readonly<Record<string, Expr>> => ({
    rows: op(x, [1]),
    columns: op(x, [0]),
    all: op(x, [0, 1]),
  });

const scores = (name: string, op: (x: Expr, axes?: readonly number[]) => Expr): readonly Case[] => [
  example(name, composite, { x: normals([3, 8]) }, ({ x }) => bothAxes(op)(x)),
  one(`${name} of large numbers`, (x) => op(x), between(-300, 300, [3, 8])),
  one(`${name} of masked scores`, (x) => op(x), given([1, -inf, 2, -inf, -inf, -inf, 3, -1e30], 'f32', [2, 4])),
  one(`${name} of NaN and ∞`, (x) => op(x), given([1, nan, 2, inf, 0, 1, -inf, -inf, -inf], 'f32', [3, 3])),
  one(`${name} of one`, (x) => op(x), normals([3, 1])),
  one(`${name} of many`, (x) => op(x), normals([2, 500])),
];

const product = (equation: string, x: readonly number[], y: readonly number[], length: number): Case =>
  example(`einsum ${equation}`, sumOf(length), { x: normals(x), y: normals(y) }, (given) =>
    einsum(equation, [given.x, given.y]),
  );

/** The composites of the language. */
export const compositeCases: readonly Case[] = [
  ...scores('softmax', softmax),
  ...scores('logSoftmax', logSoftmax),
  ...scores('logSumExp', logSumExp),
  one('gelu', gelu, between(-6, 6, [3, 8])),
  one('gelu near zero', gelu, between(-1e-3, 1e-3, [9])),
  one('silu', silu, between(-20, 20, [3, 8])),
  one('relu', relu, given([-1, -0, 0, 2, nan]), exact),
  one('square', square, normals([5]), exact),
  one('clip', (x) => clip(x, -1, 1), given([-inf, -2, -1, -0.5, 0, 1, 3, inf, nan]), exact),
  example(
    'clip between tensors',
    exact,
    { x: normals([3, 4]), low: between(-1, 0, [4]), high: between(0, 1, [4]) },
    ({ x, low, high }) => clip(x, low, high),
  ),
  example('mean', sumOf(24), { x: normals([3, 8]) }, ({ x }) => bothAxes(mean)(x)),
  one('mean of nothing', (x) => mean(x, [0]), normals([0, 2])),
  example('variance', composite, { x: normals([3, 8]) }, ({ x }) => bothAxes(variance)(x)),
  one('variance far from zero', (x) => variance(x), between(100, 101, [50])),
  one('rmsNormalize', (x) => rmsNormalize(x)),
  one('rmsNormalize of zeros', (x) => rmsNormalize(x), given([0, 0, -0, 0])),
  example('rmsNorm', composite, { x: normals([2, 3, 16]), scale: normals([16]) }, ({ x, scale }) => rmsNorm(x, scale)),
  example(
    'layerNorm',
    composite,
    { x: normals([2, 3, 16]), scale: normals([16]), bias: normals([16]) },
    ({ x, scale, bias }) => layerNorm(x, scale, bias),
  ),
  example('oneHot', exact, { i: given([0, 2, -1, 3, 4, 2], 'i32', [2, 3]) }, ({ i }) => oneHot(i, 4)),
  example('takeAlongLast', exact, { x: normals([2, 3, 5]), i: integers(-1, 5, [2, 3]) }, ({ x, i }) =>
    takeAlongLast(x, i),
  ),
  example('split', exact, { x: anything([2, 6], 'f32') }, ({ x }) => {
    const [a, b, c] = split(x, 3);
    return a === undefined || b === undefined || c === undefined ? {} : { a, b, c };
  }),
  example('stack', exact, { x: anything([2, 3], 'f32'), y: anything([2, 3], 'f32') }, ({ x, y }) => ({
    first: stack([x, y]),
    last: stack([x, y], -1),
  })),
  example('expandDims and squeeze', exact, { x: anything([2, 1, 3], 'f32') }, ({ x }) => ({
    expanded: expandDims(x, -1),
    squeezed: squeeze(x, 1),
  })),
  product('btkgh,bskh->bkgts', [2, 3, 2, 2, 4], [2, 5, 2, 4], 4),
  product('bkgts,bskh->btkgh', [2, 2, 2, 3, 5], [2, 5, 2, 4], 5),
  product('btd,dh->bth', [2, 3, 8], [8, 4], 8),
  product('ij,j->', [3, 4], [4], 12),
  product('ij,kl->lkji', [2, 3], [4, 2], 1),
  one('einsum with one operand', (x) => einsum('ijk->ki', [x]), normals([2, 3, 4]), sumOf(3)),
];
