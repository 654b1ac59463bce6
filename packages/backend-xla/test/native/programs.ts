import {
  add,
  broadcastInDim,
  type Expr,
  matmul,
  type Program,
  program,
  reduceSum,
  scan,
  tanh,
  tensorType,
} from '@torsor/tensor';
import { built } from './found.js';

/** A matrix that is large enough for its copies to take time. */
export const matrix = tensorType('f32', [400, 400]);

/** A program that runs for some tenths of a second; its output may take the place of its input. */
export const longRun = built(
  program({ x: matrix }, ({ x }) => {
    const step = (c: Expr, y: Expr): { readonly carry: Expr; readonly y: Expr } => ({
      carry: tanh(add(matmul(c, x), y)),
      y: reduceSum(c),
    });
    return { x: scan(step, x, broadcastInDim(x, [40, 400, 400], [1, 2])).carry };
  }),
);

const layers = (x: Expr): Expr => Array.from({ length: 200 }).reduce<Expr>((y) => tanh(add(matmul(y, x), y)), x);

/** A program that compiles for some tenths of a second. */
export const longCompile = built(program({ x: tensorType('f32', [64, 64]) }, ({ x }) => layers(x)));

/** A program whose result no machine can hold: 256 TiB. */
export const hugeRun: Program = built(program({ x: tensorType('f32') }, ({ x }) => broadcastInDim(x, [2 ** 46], [])));
