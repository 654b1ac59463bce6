import {
  type DType,
  fromFloat64,
  type Shape,
  sizeOf,
  type TensorType,
  type TensorValue,
  tensorType,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';
import { type FsqConfig, fsqHeadWidth, fsqHidden, fsqLatentWidth } from './config.js';

type Types = Tree<TensorType>;

type Typed = (shape: Shape) => TensorType;

const dense = (of: Typed, inputs: Shape, outputs: Shape): Types => ({
  kernel: of([...inputs, ...outputs]),
  bias: of(outputs),
});

const attentionTypes = (of: Typed, d: number): Types => {
  const heads = [d / fsqHeadWidth, fsqHeadWidth];
  return { ...ofEach(['query', 'key', 'value'], () => dense(of, [d], heads)), out: dense(of, heads, [d]) };
};

const ofEach = (names: readonly string[], types: () => Types): Readonly<Record<string, Types>> =>
  Object.fromEntries(names.map((name) => [name, types()]));

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${name}_${i}`);

const layerTypes = (of: Typed, d: number, hidden: number): Types => ({
  ...ofEach(numbered('MultiHeadDotProductAttention', 2), () => attentionTypes(of, d)),
  ...ofEach(numbered('LayerNorm', 3), () => ({ scale: of([d]), bias: of([d]) })),
  Dense_0: dense(of, [d], [hidden]),
  GeGLU_0: { Dense_0: dense(of, [hidden], [2 * hidden]) },
  Dense_1: dense(of, [hidden], [d]),
});

/** Of the encoder or the decoder: what it asks with, and the places of what it reads. */
const halfTypes = (of: Typed, config: FsqConfig, queries: number, places: number): Types => {
  const d = config.embed_dim;
  return {
    q_embed: of([queries, d]),
    y_pos_enc: of([places, d]),
    ...ofEach(numbered('CrossAttentionLayer', config.num_layers), () => layerTypes(of, d, fsqHidden(config))),
  };
};

/** The types of an FSQ network's parameters, by flax path. */
export const fsqParamTypes = (config: FsqConfig, dtype: DType = 'f32'): Tree<TensorType> => {
  const { embed_dim: d, data_dim: ad, data_horizon: ah, num_tokens: n } = config;
  const of: Typed = (shape) => tensorType(dtype, shape);
  return {
    proj: dense(of, [ad], [d]),
    encoder: halfTypes(of, config, n, ah),
    codebook: { proj_down: dense(of, [d], [fsqLatentWidth]), proj_up: dense(of, [fsqLatentWidth], [d]) },
    decoder: halfTypes(of, config, ah, n),
    proj_mean: dense(of, [d], [ad]),
    out_scale: of([]),
  };
};

/** Parameters by flax path, joined with `/`; each in row-major order. */
export type FsqParams = { readonly [path: string]: ArrayLike<number> };

const refuseParam = (
  path: string,
  { shape }: TensorType,
  data: ArrayLike<number> | undefined,
): readonly ModelError[] =>
  data?.length === sizeOf(shape) && Array.from(data).every(Number.isFinite)
    ? []
    : [
        modelError(
          `fsq.${path}`,
          `has ${data?.length ?? 'no'} values: expected ${shape.length === 0 ? 'one' : shape.join(' × ')} finite numbers`,
        ),
      ];

/**
 * Stored parameters as values of the language, in float64.
 *
 * @errors every parameter that is missing, unused, of another size or not finite.
 */
export const fsqValues = (config: FsqConfig, params: FsqParams): E.Either<readonly ModelError[], Tree<TensorValue>> => {
  const types = fsqParamTypes(config, 'f64');
  const wanted = flatten(types);
  const known = new Set(wanted.map(({ path }) => path));
  const errors = [
    ...Object.keys(params)
      .filter((path) => !known.has(path))
      .map((path) => modelError(`fsq.${path}`, 'belongs to no layer of this configuration')),
    ...wanted.flatMap(({ path, leaf }) => refuseParam(path, leaf, params[path])),
  ];
  return errors.length > 0
    ? E.left(errors)
    : E.right(map(types, (type, path) => fromFloat64(type, params[path] ?? [])));
};
