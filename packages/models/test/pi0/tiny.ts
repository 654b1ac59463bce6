import { bernoulli, foldIn, type Key, key, normal, randint, uniform } from '@torsor/random';
import {
  type Expr,
  type ExprTree,
  evaluate,
  fromFloat64,
  program,
  showEvaluateError,
  showShapeError,
  sizeOf,
  type TensorType,
  type TensorValue,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { batchTypes, type Pi0Batch, type Pi0Config, paramTypes } from '../../src/index.js';

/**
 * A policy small enough for the reference, in float64, with grouped heads and experts of different widths, and two cameras
 * whose order is not that of their names.
 */
export const tinyConfig: Pi0Config = {
  pi05: false,
  cameras: ['wrist', 'base'],
  imageSize: [4, 6],
  siglip: { width: 8, depth: 2, mlpDim: 7, numHeads: 2, patchSize: 2, posemb: 'learn' },
  actionDim: 3,
  actionHorizon: 4,
  maxTokenLen: 5,
  vocabSize: 11,
  paligemma: { width: 6, depth: 2, mlpDim: 7, numHeads: 4, numKvHeads: 2, headDim: 4 },
  actionExpert: { width: 8, depth: 2, mlpDim: 5, numHeads: 4, numKvHeads: 2, headDim: 4 },
  paramDtype: 'f64',
  computeDtype: 'f64',
};

/** The same with the time in the action expert's normalizations and no state token. */
export const tinyPi05: Pi0Config = { ...tinyConfig, pi05: true };

export type Inputs<A> = { readonly params: Tree<A>; readonly batch: Pi0Batch<A> };

const inputTypes = (config: Pi0Config, b: number): Inputs<TensorType> => ({
  params: paramTypes(config),
  batch: batchTypes(config, b),
});

const draw = (path: string, type: TensorType, k: Key): ArrayLike<number> => {
  const n = sizeOf(type.shape);
  if (path.endsWith('tokenizedPrompt')) return randint(k, n, 0, tinyConfig.vocabSize);
  if (path.endsWith('Mask') || path.includes('/imageMasks/')) return bernoulli(k, n, 0.7);
  if (path.includes('/images/')) return uniform(k, n, -1, 1);
  if (path.endsWith('time')) return uniform(k, n, 0.001, 1);
  return path.startsWith('params') ? normal(k, n).map((x) => 0.5 * x) : normal(k, n);
};

/** Random inputs; parameters are far from their first values, so that no branch is switched off. */
export const randomInputs = (seed: number, b = 3, config = tinyConfig): Inputs<TensorValue> => {
  let i = 0;
  // The structure of the types is kept.
  return map<TensorType, TensorValue>(inputTypes(config, b), (type, path) =>
    fromFloat64(type, draw(path, type, foldIn(key(seed), i++))),
  ) as unknown as Inputs<TensorValue>;
};

const orFail = <L, A>(result: E.Either<L, A>, show: (error: L) => string): A => {
  if (E.isLeft(result)) throw new Error(show(result.left));
  return result.right;
};

/** What a function of the inputs is, by the paths of its results. */
export const run = (
  given: Inputs<TensorValue>,
  build: (inputs: Inputs<Expr>) => ExprTree,
): ReadonlyMap<string, readonly number[]> => {
  const types = map<TensorValue, TensorType>(given, ({ type }) => type);
  // The tree of types has the structure of the values', so the expressions have it too.
  const built = orFail(
    program(types, (inputs) => build(inputs as unknown as Inputs<Expr>)),
    showShapeError,
  );
  const results = orFail(evaluate(built, given as never), showEvaluateError) as Tree<TensorValue>;
  return new Map(flatten(results).map(({ path, leaf }) => [path, Array.from(leaf.data)]));
};

/** The one result of a function. */
export const runOne = (given: Inputs<TensorValue>, build: (inputs: Inputs<Expr>) => Expr): readonly number[] =>
  run(given, build).get('') ?? [];

/** Inputs with the numbers changed of every tensor whose path passes the test. */
export const changed = (
  inputs: Inputs<TensorValue>,
  isChanged: (path: string) => boolean,
  change: (value: TensorValue) => readonly number[],
): Inputs<TensorValue> =>
  map<TensorValue, TensorValue>(inputs, (value, path) =>
    isChanged(path) ? fromFloat64(value.type, change(value)) : value,
  ) as unknown as Inputs<TensorValue>;

/** Inputs with one tensor's numbers changed. */
export const changedAt = (
  inputs: Inputs<TensorValue>,
  path: string,
  change: (x: number, i: number) => number,
): Inputs<TensorValue> =>
  changed(
    inputs,
    (other) => other === path,
    ({ data }) => Array.from(data, change),
  );
