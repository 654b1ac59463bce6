import type { Expr } from '@torsor/tensor';
import { type DType, dtypes, isFloat, type Shape } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import type { Source } from '../source.js';
import { anything } from '../source.js';
import { type Computation, exact } from '../tolerance.js';

/** The real dtypes. */
export const floats: readonly DType[] = dtypes.filter(isFloat);

/** The integer dtypes. */
export const integerDTypes: ReadonlyArray<'i32' | 'u32'> = ['i32', 'u32'];

/** A case for each dtype. */
export const forEach = <D extends DType>(of: readonly D[], build: (dtype: D) => Case): readonly Case[] => of.map(build);

/** Scalars, empty extents, axes of extent 1, and ranks up to five. */
const edgeShapes: readonly Shape[] = [[], [0], [1], [2, 0, 3], [1, 3, 1], [2, 3, 1, 4], [2, 1, 3, 1, 2]];

/** One case over all edge shapes at once. */
export const onEdgeShapes = (
  computation: Computation,
  source: (shape: Shape) => Source,
  op: (x: Expr) => Expr,
): Case => {
  const sources = Object.fromEntries(edgeShapes.map((shape) => [`[${shape.join(',')}]`, source(shape)]));
  return example('of every edge shape', computation, sources, (inputs) =>
    Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, op(x)])),
  );
};

/** A movement of elements, which every dtype must survive bit for bit. */
export const moves = (name: string, shape: Shape, op: (x: Expr) => Expr): readonly Case[] =>
  forEach(dtypes, (dtype) => example(`${name}, ${dtype}`, exact, { x: anything(shape, dtype) }, ({ x }) => op(x)));

/** The same for f32 only. */
export const move = (name: string, shape: Shape, op: (x: Expr) => Expr): Case =>
  example(name, exact, { x: anything(shape, 'f32') }, ({ x }) => op(x));
