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
import { type FastObservation, fastObservationTypes, type Pi0FastConfig, pi0FastParamTypes } from '../../src/index.js';

/** A policy small enough for the reference, in float64, with grouped heads and two cameras of four tokens each. */
export const tinyConfig: Pi0FastConfig = {
  actionDim: 3,
  actionHorizon: 4,
  maxTokenLen: 7,
  vocabSize: 11,
  paligemma: { width: 6, depth: 2, mlpDim: 7, numHeads: 4, numKvHeads: 2, headDim: 4 },
  cameras: ['base', 'wrist'],
  imageSize: [4, 4],
  siglip: { width: 4, depth: 1, mlpDim: 5, numHeads: 2, patchSize: 2, posemb: 'learn' },
  paramDtype: 'f64',
  computeDtype: 'f64',
};

export const samples = 3;

export type Inputs<A> = { readonly params: Tree<A>; readonly observation: FastObservation<A> };

const inputTypes = (config: Pi0FastConfig): Inputs<TensorType> => ({
  params: pi0FastParamTypes(config),
  observation: fastObservationTypes(config, samples),
});

/** Per sample, how many tokens the prefix has, and how many the prefix and the postfix have together. */
const bounds = (k: Key, length: number): readonly (readonly [prefix: number, end: number])[] =>
  Array.from({ length: samples }, (_, i) => {
    const [prefix = 1] = randint(foldIn(k, 2 * i), 1, 1, length - 1);
    const [end = length] = randint(foldIn(k, 2 * i + 1), 1, prefix + 1, length + 1);
    return [prefix, end] as const;
  });

type Bounds = ReturnType<typeof bounds>;

/** Prompts of different lengths, then actions, then padding; with `prefixOnly`, no actions. */
const maskOf = (name: string, all: Bounds, length: number, prefixOnly: boolean): readonly number[] | undefined => {
  const row = (of: (i: number, prefix: number, end: number) => boolean): readonly number[] =>
    all.flatMap(([prefix, end]) => Array.from({ length }, (_, i) => Number(of(i, prefix, end))));
  switch (name) {
    case 'observation/tokenizedPromptMask':
      return row((i, prefix, end) => i < (prefixOnly ? prefix : end));
    case 'observation/tokenArMask':
    case 'observation/tokenLossMask':
      return row((i, prefix, end) => !prefixOnly && i >= prefix && i < end);
    default:
      return undefined;
  }
};

const draw = (path: string, type: TensorType, k: Key, vocabSize: number): ArrayLike<number> => {
  const n = sizeOf(type.shape);
  if (path.endsWith('tokenizedPrompt')) return randint(k, n, 0, vocabSize);
  if (path.includes('imageMasks')) return bernoulli(k, n, 0.6);
  if (path.includes('images')) return uniform(k, n, -1, 1);
  return path.startsWith('params') ? normal(k, n).map((x) => 0.7 * x) : normal(k, n);
};

/** Random inputs; parameters are far from their first values, so that no branch is switched off. */
export const randomInputs = (seed: number, config = tinyConfig, prefixOnly = false): Inputs<TensorValue> => {
  const all = bounds(foldIn(key(seed), 1000), config.maxTokenLen);
  let i = 0;
  // The structure of the types is kept.
  return map<TensorType, TensorValue>(inputTypes(config), (type, path) => {
    const k = foldIn(key(seed), i++);
    const numbers = maskOf(path, all, config.maxTokenLen, prefixOnly) ?? draw(path, type, k, config.vocabSize);
    return fromFloat64(type, numbers);
  }) as unknown as Inputs<TensorValue>;
};

const orFail = <L, A>(result: E.Either<L, A>, show: (error: L) => string): A => {
  if (E.isLeft(result)) throw new Error(show(result.left));
  return result.right;
};

export type Results = ReadonlyMap<string, readonly number[]>;

/** What a function of the inputs is, by the paths of its results. */
export const run = (given: Inputs<TensorValue>, build: (inputs: Inputs<Expr>) => ExprTree): Results => {
  const types = map<TensorValue, TensorType>(given, ({ type }) => type);
  // The tree of types has the structure of the values', so the expressions have it too.
  const built = orFail(
    program(types, (inputs) => build(inputs as unknown as Inputs<Expr>)),
    showShapeError,
  );
  const results = orFail(evaluate(built, given as never), showEvaluateError) as Tree<TensorValue>;
  return new Map(flatten(results).map(({ path, leaf }) => [path, Array.from(leaf.data)]));
};

/** Inputs with the numbers changed of every tensor whose path passes the test. */
export const changed = (
  inputs: Inputs<TensorValue>,
  isChanged: (path: string) => boolean,
  change: (value: TensorValue, path: string) => readonly number[],
): Inputs<TensorValue> =>
  map<TensorValue, TensorValue>(inputs, (value, path) =>
    isChanged(path) ? fromFloat64(value.type, change(value, path)) : value,
  ) as unknown as Inputs<TensorValue>;
