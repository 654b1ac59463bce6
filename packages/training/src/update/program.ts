import { accumulateGradients, applyUpdates, ema, globalNorm, merge, paramNorm } from '@torsor/optim';
import {
  constant,
  type Expr,
  mean,
  type Program,
  program,
  type ShapeError,
  type TensorType,
  tensorType,
  withType,
} from '@torsor/tensor';
import { isNode, map, type Tree, type TreeNode } from '@torsor/tree';
import type * as E from 'fp-ts/lib/Either.js';
import type { Objective } from '../objective.js';
import { type Recipe, trainedPart } from './recipe.js';

/** What training changes: parameters, the optimizer's state, and averaged parameters where there are any. */
export type LearnedState<A> = {
  readonly params: Tree<A>;
  readonly optimizer: TreeNode<A>;
  /** Of the parameters that are trained; `{}` without averaging. */
  readonly ema: Tree<A>;
};

/** The parameters a policy acts with: the averaged ones where there are any. */
export const actingParams = <A>({ params, ema: average }: LearnedState<A>): Tree<A> =>
  isNode(average) && Object.keys(average).length === 0 ? params : merge(params, average);

/** The first optimizer state; from nothing. */
export type FirstProgram = Program<Record<never, TensorType>, { readonly optimizer: TreeNode<Expr> }>;

/** What is new at an update. */
export type UpdateBatch<A> = {
  readonly inputs: TreeNode<A>;
  /** `f32[]`, of this update. */
  readonly learningRate: A;
};

/** What an update measures, `f32[]` each, by the names of metrics. */
export type UpdateMetrics = { readonly [name: string]: Expr };

/** One update. */
export type UpdateProgram = Program<
  { readonly state: LearnedState<TensorType>; readonly batch: UpdateBatch<TensorType> },
  { readonly state: LearnedState<Expr>; readonly metrics: UpdateMetrics }
>;

/** What is measured of the samples of a batch, `f32[b]` each: `loss`, and what else the objective measures. */
export type LossProgram = Program<
  { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> },
  { readonly [name: string]: Expr }
>;

/**
 * The first state of the optimizer: a program without inputs, for it depends on nothing but the types of the parameters.
 */
export const firstProgram = (recipe: Recipe): E.Either<ShapeError, FirstProgram> =>
  program({}, () => {
    const zeros = map(recipe.params, ({ dtype, shape }) => constant(0, dtype, shape));
    return { optimizer: recipe.optimizer(0).init(trainedPart(recipe, zeros)) };
  });

const updated = (
  recipe: Recipe,
  objective: Objective,
  { params, optimizer: before, ema: average }: LearnedState<Expr>,
  { inputs, learningRate }: UpdateBatch<Expr>,
): { readonly state: LearnedState<Expr>; readonly metrics: UpdateMetrics } => {
  const loss = (
    trained: Tree<Expr>,
    part: TreeNode<Expr>,
  ): { readonly value: Expr; readonly aux: { readonly [name: string]: Expr } } => {
    const terms = objective.loss(merge(params, trained), part);
    const aux = Object.entries(terms.measured).map(([name, value]) => [name, mean(value)] as const);
    return { value: mean(terms.loss), aux: Object.fromEntries(aux) };
  };
  const trained = trainedPart(recipe, params);
  const { value, grads, aux } = accumulateGradients(loss, recipe.gradientAccumulation)(trained, inputs);
  const { updates, state } = recipe.optimizer(learningRate).update(grads, before, trained);
  const moved = applyUpdates(trained, updates);
  const next = merge(params, moved);
  return {
    state: {
      params: next,
      optimizer: state,
      ema: recipe.emaDecay === null ? {} : ema(recipe.emaDecay).update(average, moved),
    },
    metrics: {
      loss: value,
      ...aux,
      grad_norm: globalNorm(grads),
      param_norm: paramNorm(next, { roundNarrow: recipe.roundNarrowNorm }),
    },
  };
};

/**
 * One update: loss, gradient, clipping, optimizer and averaging, in one program. What trains, what is compared with openpi's
 * numbers, what is planned and what is measured for speed is this one.
 *
 * @param optimizerTypes - of the optimizer's state, from `firstProgram`.
 * @law `grad_norm` is that of the gradient before clipping, `param_norm` that of the updated parameters.
 * @source openpi `scripts/train.py` `train_step` (15a9616)
 */
export const updateProgram = (
  recipe: Recipe,
  objective: Objective,
  optimizerTypes: TreeNode<TensorType>,
): E.Either<ShapeError, UpdateProgram> => {
  const { params } = recipe;
  const types: { readonly state: LearnedState<TensorType>; readonly batch: UpdateBatch<TensorType> } = {
    state: { params, optimizer: optimizerTypes, ema: recipe.emaDecay === null ? {} : trainedPart(recipe, params) },
    batch: { inputs: objective.batchTypes, learningRate: tensorType('f32') },
  };
  return program(types, ({ state, batch }) => updated(recipe, objective, state, batch));
};

/** A value for each sample: its mean over the other axes. */
const perSample = (value: Expr): Expr =>
  withType(value, ({ shape }) =>
    shape.length === 1
      ? value
      : mean(
          value,
          shape.slice(1).map((_, axis) => axis + 1),
        ),
  );

/** What is measured of each sample of a held-out batch. */
export const lossProgram = (
  { params }: Pick<Recipe, 'params'>,
  objective: Objective,
): E.Either<ShapeError, LossProgram> => {
  const inputs: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
    params,
    batch: objective.heldOutTypes,
  };
  return program(inputs, (given) => {
    const { loss, measured } = objective.heldOutLoss(given.params, given.batch);
    const named = Object.entries({ loss, ...measured });
    return Object.fromEntries(named.map(([name, value]) => [name, perSample(value)]));
  });
};
