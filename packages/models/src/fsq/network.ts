import {
  type Expr,
  evaluate,
  fromFloat64,
  program,
  type Shape,
  showEvaluateError,
  showShapeError,
  type TensorType,
  type TensorValue,
  tensorType,
} from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type ModelError, modelError } from '../error.js';
import type { Params } from '../params/at.js';
import { fsqActions, fsqLatents } from './attention.js';
import { checkFsqConfig, type FsqConfig, fsqLatentWidth } from './config.js';
import { type FsqParams, fsqValues } from './params.js';

/** Actions `[ah, ad]` in row-major order. */
export type FsqChunk = {
  readonly shape: readonly [steps: number, dimensions: number];
  readonly data: ArrayLike<number>;
};

/**
 * What a network cannot compute, as a tokenizer calls it: `BadActionShape` a chunk of another shape than it was trained on;
 * `BadActions` another count of latents than that of its tokens.
 */
export type FsqError =
  | {
      readonly _tag: 'BadActionShape';
      readonly shape: FsqChunk['shape'];
      readonly values: number;
      readonly expected: string;
    }
  | { readonly _tag: 'BadActions'; readonly reason: string };

/** The learned halves of an FSQ tokenizer on the host: `fsqTokenizer` of `@torsor/tokenizer` takes it as it is. */
export type FsqNetwork = {
  /** Latents `[n, 2]` in row-major order, in [-1, 1]. */
  readonly encode: (actions: FsqChunk) => E.Either<FsqError, Float64Array>;
  /** Actions of quantised latents in the same order. */
  readonly decode: (
    latents: ArrayLike<number>,
    shape: FsqChunk['shape'],
  ) => E.Either<FsqError, FsqChunk & { readonly data: Float64Array }>;
  readonly numTokens: number;
  readonly bound?: number;
};

type Run = (x: ArrayLike<number>) => E.Either<FsqError, Float64Array>;

/** A function of parameters and one input, in float64. */
const running = (
  params: Tree<TensorValue>,
  shape: Shape,
  compute: (params: Params, x: Expr) => Expr,
): E.Either<readonly ModelError[], Run> => {
  const type = tensorType('f64', shape);
  const types = { params: map<TensorValue, TensorType>(params, (value) => value.type), x: type };
  return pipe(
    program(types, (given) => ({ y: compute(given.params as Params, given.x as Expr) })),
    E.bimap(
      (error): readonly ModelError[] => [modelError('fsq', showShapeError(error))],
      (built) => (x) =>
        pipe(
          // The types of a tree of parameters cannot be followed.
          evaluate(built, { params, x: fromFloat64(type, x) } as never),
          E.bimap(
            (error): FsqError => ({ _tag: 'BadActions', reason: showEvaluateError(error) }),
            ({ y }: { readonly y: TensorValue }) => Float64Array.from(y.data),
          ),
        ),
    ),
  );
};

/**
 * The learned halves of openpi's FSQ tokenizer from its parameters, computed in float64: cross-attention from learned
 * queries to the actions, and back.
 *
 * @errors what `checkFsqConfig` refuses; every parameter that is missing, unused, of another size or not finite. Encoding
 * and decoding: `FsqError`.
 * @source openpi `models/utils/fsq_tokenizer.py` `FsqAttentionTokenizer` (15a9616)
 */
export const fsqNetwork = (config: FsqConfig, params: FsqParams): E.Either<readonly ModelError[], FsqNetwork> => {
  const { num_tokens: n, bound } = config;
  const shape = [config.data_horizon, config.data_dim] as const;
  const checkShape = (given: FsqChunk['shape'], values: number): E.Either<FsqError, null> =>
    given[0] === shape[0] && given[1] === shape[1] && values === shape[0] * shape[1]
      ? E.right(null)
      : E.left({ _tag: 'BadActionShape', shape: given, values, expected: `${shape.join('×')}, as it was trained` });
  const checkLatents = (length: number): E.Either<FsqError, null> =>
    length === n * fsqLatentWidth
      ? E.right(null)
      : E.left({ _tag: 'BadActions', reason: `${length} latents: expected ${n} × ${fsqLatentWidth}` });
  return pipe(
    checkFsqConfig(config),
    E.flatMap(() => fsqValues(config, params)),
    E.bindTo('values'),
    E.bind('latents', ({ values }) => running(values, [1, ...shape], (p, x) => fsqLatents(config, p, x))),
    E.bind('actions', ({ values }) => running(values, [1, n, fsqLatentWidth], (p, x) => fsqActions(config, p, x))),
    E.map(({ latents, actions }) => ({
      numTokens: n,
      ...(typeof bound === 'number' ? { bound } : {}),
      encode: (chunk) => E.flatMap(() => latents(chunk.data))(checkShape(chunk.shape, chunk.data.length)),
      decode: (quantised, given) =>
        pipe(
          checkShape(given, given[0] * given[1]),
          E.flatMap(() => checkLatents(quantised.length)),
          E.flatMap(() => actions(quantised)),
          E.map((data) => ({ shape, data })),
        ),
    })),
  );
};
