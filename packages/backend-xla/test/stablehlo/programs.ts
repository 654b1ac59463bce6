import {
  add,
  argmax,
  block,
  broadcastInDim,
  concatenate,
  convert,
  cumsum,
  div,
  dotGeneral,
  dynamicSlice,
  dynamicUpdateSlice,
  type ExprsOf,
  type ExprTree,
  exp,
  gather,
  iota,
  isFinite,
  literal,
  lt,
  matmul,
  mul,
  type Program,
  pad,
  program,
  reduceMax,
  reduceSum,
  reshape,
  scan,
  scatterAdd,
  select,
  slice,
  stopGradient,
  sub,
  type TensorType,
  tanh,
  tensorType,
  transpose,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

/** A program that is known to be well formed. */
const built = <const I extends Tree<TensorType>, O extends ExprTree>(
  inputs: I,
  f: (inputs: ExprsOf<I>) => O,
): Program => {
  const result = program(inputs, f);
  if (E.isLeft(result)) throw new Error(result.left.reason);
  return result.right as unknown as Program;
};

const matrix = tensorType('f32', [2, 3]);
const tokens = tensorType('i32', [4]);

/** Functions of corresponding elements, of every kind of dtype. */
export const elementwise = (): Program =>
  built({ x: matrix, y: matrix, i: tokens, u: tensorType('u32', [4]) }, ({ x, y, i, u }) => ({
    floats: select(isFinite(x), exp(stopGradient(x)), sub(x, y)),
    signed: lt(i, 0),
    unsigned: lt(u, 7),
    converted: convert(x, 'bf16'),
    quotient: div(i, 3),
  }));

/** Constants and movements of elements. */
export const movement = (): Program =>
  built({ x: matrix }, ({ x }) => ({
    constants: mul(x, literal([Number.NaN, -0, 1e-40, 0.1, 1, Number.NEGATIVE_INFINITY], 'f32', [2, 3])),
    counted: add(iota('f32', [2, 3], 1), transpose(reshape(x, [3, 2]))),
    cut: concatenate([slice(x, [0, 1], [2, 3]), slice(x, [0, 0], [2, 3], [1, 2])], 1),
    padded: pad(x, [1, 0], [0, 2], -1),
    repeated: broadcastInDim(x, [2, 2, 3], [0, 2]),
  }));

/** A product of f32 and one of bf16, whose sums are kept in f32. */
export const products = (): Program =>
  built({ x: matrix, w: tensorType('f32', [3, 4]), q: tensorType('bf16', [2, 5, 4]) }, ({ x, w, q }) => ({
    plain: matmul(x, w),
    half: dotGeneral(q, q, { contract: [[2], [2]], batch: [[0], [0]] }),
  }));

/** Reductions and running sums. */
export const reductions = (): Program =>
  built({ x: matrix, h: tensorType('f16', [2, 3]), i: tensorType('i32', [6]) }, ({ x, h, i }) => ({
    largest: reduceMax(x, [1]),
    position: argmax(x),
    running: cumsum(i, 0),
    sum: reduceSum(h, [0, 1]),
  }));

/** Slices that integers choose. */
export const indexing = (): Program =>
  built(
    { table: tensorType('f32', [7, 3]), tokens, rows: tensorType('f32', [4, 3]), at: tensorType('i32') },
    (inputs) => ({
      added: scatterAdd(inputs.table, inputs.tokens, inputs.rows),
      put: dynamicUpdateSlice(inputs.table, inputs.rows, [inputs.at, 0]),
      row: dynamicSlice(inputs.table, [inputs.at, 1], [1, 2]),
      taken: gather(inputs.table, inputs.tokens),
    }),
  );

/** Layers stacked on the first axis of their weights: a carry, a stacked result, a captured constant, a block. */
export const layers = (depth: number, reverse = false): Program =>
  built({ h: tensorType('f32', [2, 3]), w: tensorType('f32', [depth, 3, 3]), scale: tensorType('f32') }, (inputs) => {
    const { carry, ys } = scan(
      ({ h }, { w }) => {
        const next = block('layer', {}, ({ x }) => ({ y: tanh(mul(matmul(x, w), inputs.scale)) }), { x: h });
        return { carry: { h: next.y }, y: { norm: reduceSum(next.y) } };
      },
      { h: inputs.h },
      { w: inputs.w },
      { reverse },
    );
    return { last: carry.h, norms: ys.norm };
  });

/** A training step in small: the weights may be overwritten. */
export const update = (): Program =>
  built({ batch: tensorType('f32', [4, 2]), w: tensorType('f32', [2, 6]) }, ({ batch, w }) => ({
    loss: reduceSum(matmul(batch, w)),
    w: sub(w, mul(w, 0.5)),
  }));
