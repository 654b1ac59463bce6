import { foldIn, type Key, normal, uniform } from '@torsor/random';
import { fromFloat64, hostArray, sizeOf, type TensorType, TensorValue } from '@torsor/tensor';
import { flatten, map, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { ParamSpec, ParamSpecs } from './spec.js';

/** The standard deviation of a standard normal cut off at ±2. */
const truncatedStd = 0.87962566103423978;

/** Draws at a time, so that a large tensor needs little besides itself. */
const blockSize = 1 << 16;

/** FNV-1a, 32 bits: a parameter keeps its draws when others are added. */
const hashPath = (path: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** Standard normals inside ±`limit`, times `std`; those outside are drawn again. */
const normals = (key: Key, out: Float32Array, std: number, limit: number): Float32Array => {
  let filled = 0;
  for (let block = 0; filled < out.length; block++) {
    const draws = normal(foldIn(key, block), Math.min(blockSize, out.length));
    for (let i = 0; i < draws.length && filled < out.length; i++) {
      const draw = draws[i] ?? 0;
      if (Math.abs(draw) <= limit) out[filled++] = draw * std;
    }
  }
  return out;
};

/** Uniform draws inside ±`limit`. */
const uniforms = (key: Key, out: Float32Array, limit: number): Float32Array => {
  for (let block = 0; block * blockSize < out.length; block++) {
    const start = block * blockSize;
    out.set(uniform(foldIn(key, block), Math.min(blockSize, out.length - start), -limit, limit), start);
  }
  return out;
};

const draw = ({ type, initializer }: ParamSpec, key: Key): Float32Array => {
  const out = new Float32Array(sizeOf(type.shape));
  switch (initializer._tag) {
    case 'Zeros':
      return out;
    case 'Ones':
      return out.fill(1);
    case 'Normal':
      return normals(key, out, initializer.std, Number.POSITIVE_INFINITY);
    case 'LecunNormal':
      return normals(key, out, Math.sqrt(1 / initializer.fanIn) / truncatedStd, 2);
    case 'XavierUniform':
      return uniforms(key, out, Math.sqrt(6 / (initializer.fanIn + initializer.fanOut)));
  }
};

const valueOf = (type: TensorType, draws: Float32Array): TensorValue =>
  type.dtype === 'f32' ? new TensorValue(type, draws) : fromFloat64(type, draws);

const zeroValue = (type: TensorType): TensorValue => new TensorValue(type, hostArray(type.dtype, sizeOf(type.shape)));

/** Which parameters are drawn. */
export type InitOptions = {
  /** By path; all when absent. Such as those that stored weights do not replace. */
  readonly only?: (path: string) => boolean;
};

/** The chosen part of some specifications; nodes left without any are gone. */
const chosen = (specs: ParamSpecs, { only }: InitOptions): ParamSpecs => {
  if (only === undefined) return specs;
  // Paths of a tree are distinct and none is a prefix of another, so that unflattening some of them cannot fail.
  return E.getOrElse((): ParamSpecs => ({}))(unflatten(flatten(specs).filter(({ path }) => only(path))));
};

/**
 * First values of specified parameters. Each parameter has a key of its own, `foldIn(key, FNV-1a of its path)`, so that
 * its value depends on nothing but the key, its path and its specification.
 *
 * The distributions are flax's; the draws are not: flax cuts normals off by an inverse distribution function, here a
 * draw outside is drawn again.
 *
 * @returns the parameters that are drawn.
 * @law drawing some parameters only gives them the values that they have when all are drawn.
 * @source flax 0.10.2 `nnx.initializers.lecun_normal`: truncated normal of variance 1 / fan-in; `xavier_uniform`.
 */
export const initFromSpecs = (specs: ParamSpecs, key: Key, options: InitOptions = {}): Tree<TensorValue> =>
  map(chosen(specs, options), (spec, path) =>
    spec.initializer._tag === 'Zeros'
      ? zeroValue(spec.type)
      : valueOf(spec.type, draw(spec, foldIn(key, hashPath(path)))),
  );
