import { actionType, type Observation, observationTypes, type Pi0Config, sampleActions } from '@torsor/models';
import {
  accumulateGradients,
  adamw,
  applyUpdates,
  ema,
  globalNorm,
  type Mask,
  merge,
  type OptimError,
  type Optimizer,
  paramNorm,
  partition,
  sgd,
} from '@torsor/optim';
import {
  constant,
  type DType,
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
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { type Pictures, picturesOf, withoutAbsent } from './pictures.js';
import { lossTerms, type Policy, policyBatchTypes } from './policy.js';
import { seen, sentTypes, variedTypes } from './seeing.js';
import { type FrozenDtype, frozenDtypeOf, keptTypes, trainedOf } from './trained.js';

/** What training changes: parameters, the optimizer's state, and averaged parameters where there are any. */
export type PolicyState<A> = {
  readonly params: Tree<A>;
  readonly optimizer: TreeNode<A>;
  /** Of the parameters that are trained; `{}` without averaging. */
  readonly ema: Tree<A>;
};

/** The parameters a policy acts with: the averaged ones where there are any. */
export const actingParams = <A>({ params, ema: average }: PolicyState<A>): Tree<A> =>
  isNode(average) && Object.keys(average).length === 0 ? params : merge(params, average);

/** The names of what one update measures, `f32[]` each; `loss_real_dims` is of flow matching alone. */
export type UpdateMetric = 'loss' | 'loss_real_dims' | 'grad_norm' | 'param_norm';

/** The first optimizer state; from nothing. */
export type FirstProgram = Program<Record<never, TensorType>, { readonly optimizer: TreeNode<Expr> }>;

/** What is new at an update. */
export type UpdateBatch<A> = {
  readonly inputs: TreeNode<A>;
  /** `f32[]`, of this update. */
  readonly learningRate: A;
};

/** One update. */
export type UpdateProgram = Program<
  { readonly state: PolicyState<TensorType>; readonly batch: UpdateBatch<TensorType> },
  { readonly state: PolicyState<Expr>; readonly metrics: { readonly [name: string]: Expr } }
>;

/** What is measured of the samples of a batch, `loss` `f32[b]`, and of a policy that writes tokens `token_accuracy`. */
export type LossProgram = Program<
  { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> },
  { readonly [name: string]: Expr }
>;

/** Action chunks from noise. */
export type SampleProgram = Program<
  {
    readonly params: Tree<TensorType>;
    readonly observation: Observation<TensorType>;
    readonly noise: TensorType;
  },
  { readonly actions: Expr }
>;

/** What an update is made of besides the model. */
export type Recipe = {
  readonly optimizer: Optimizer;
  /** The parameters that are trained; `null` when all are. */
  readonly trained: Mask | null;
  readonly emaDecay: number | null;
  readonly gradientAccumulation: number;
  readonly realDims: number;
  /** Whether the norm of frozen parameters is rounded as openpi rounds it. */
  readonly openpiNorm: boolean;
  readonly frozenDtype: FrozenDtype;
  /** The types of all parameters as they are kept: those that are not trained may be narrower. */
  readonly params: Tree<TensorType>;
  readonly pictures: Pictures;
};

const optimizerOf = (options: TrainConfig['optimizer']): Optimizer => {
  if (options.kind === 'sgd') return (learningRate) => sgd({ ...options, learningRate });
  const { clipGradientNorm, ...rest } = options;
  const clipping = clipGradientNorm === null ? {} : { clipGradientNorm };
  return (learningRate) => adamw({ ...rest, ...clipping, learningRate });
};

/**
 * What a configuration makes of an update.
 *
 * @param realDims - action dimensions of the dataset; the others are padding.
 * @param dtypes - those that the backend has.
 * @errors `NoMatch` for a freeze pattern that matches no parameter, or patterns that leave none.
 */
export const recipeOf = (
  config: TrainConfig,
  policy: Policy,
  realDims: number,
  dtypes: readonly DType[],
): E.Either<OptimError, Recipe> => {
  const frozenDtype = frozenDtypeOf(config, dtypes);
  return pipe(
    trainedOf(config, policy),
    E.map((trained) => ({
      optimizer: optimizerOf(config.optimizer),
      trained,
      emaDecay: config.emaDecay,
      gradientAccumulation: config.gradientAccumulation,
      realDims,
      openpiNorm: config.model.lora === 'openpi',
      frozenDtype,
      params: keptTypes(policy, trained, frozenDtype),
      pictures: picturesOf(config),
    })),
  );
};

/** The part of a tree of parameters that is trained. */
export const trainedPart = <A>({ trained }: Pick<Recipe, 'trained'>, params: Tree<A>): Tree<A> =>
  trained === null ? params : partition(params, trained).selected;

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
  policy: Policy,
  { params, optimizer: before, ema: average }: PolicyState<Expr>,
  { inputs, learningRate }: UpdateBatch<Expr>,
): { readonly state: PolicyState<Expr>; readonly metrics: { readonly [name: string]: Expr } } => {
  const loss = (
    trained: Tree<Expr>,
    part: TreeNode<Expr>,
  ): { readonly value: Expr; readonly aux: { readonly [name: string]: Expr } } => {
    const { loss: all, real } = lossTerms(policy, recipe.pictures, merge(params, trained), part, recipe.realDims);
    return { value: mean(all), aux: real === null ? {} : { loss_real_dims: mean(real) } };
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
      param_norm: paramNorm(next, { roundNarrow: recipe.openpiNorm }),
    },
  };
};

/**
 * One update: loss, gradient, clipping, optimizer and averaging, in one program.
 *
 * @param optimizerTypes - of the optimizer's state, from `firstProgram`.
 */
export const updateProgram = (
  recipe: Recipe,
  policy: Policy,
  optimizerTypes: TreeNode<TensorType>,
  batchSize: number,
): E.Either<ShapeError, UpdateProgram> => {
  const { params, pictures } = recipe;
  const types: { readonly state: PolicyState<TensorType>; readonly batch: UpdateBatch<TensorType> } = {
    state: { params, optimizer: optimizerTypes, ema: recipe.emaDecay === null ? {} : trainedPart(recipe, params) },
    batch: {
      inputs: { ...policyBatchTypes(policy, pictures, batchSize), ...variedTypes(pictures, batchSize) },
      learningRate: tensorType('f32'),
    },
  };
  return program(types, ({ state, batch }) => updated(recipe, policy, state, batch));
};

/** The losses of each sample of a batch, means over its other axes. */
export const lossProgram = (recipe: Recipe, policy: Policy, batchSize: number): E.Either<ShapeError, LossProgram> => {
  const inputs: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
    params: recipe.params,
    batch: policyBatchTypes(policy, recipe.pictures, batchSize),
  };
  return program(inputs, ({ params, batch }) => {
    const { loss, tokenAccuracy } = lossTerms(policy, recipe.pictures, params, batch, recipe.realDims);
    const perSample = withType(loss, ({ shape }) =>
      mean(
        loss,
        shape.slice(1).map((_, axis) => axis + 1),
      ),
    );
    return { loss: perSample, ...(tokenAccuracy === null ? {} : { token_accuracy: tokenAccuracy }) };
  });
};

/** Action chunks for a batch of observations, from noise. */
export const sampleProgram = (
  { params, pictures }: Recipe,
  policy: Pi0Config,
  batchSize: number,
  numSamplingSteps: number,
): E.Either<ShapeError, SampleProgram> => {
  const inputs: {
    readonly params: Tree<TensorType>;
    readonly observation: Observation<TensorType>;
    readonly noise: TensorType;
  } = {
    params,
    observation: sentTypes(pictures, observationTypes(policy, batchSize), batchSize),
    noise: actionType(policy, batchSize),
  };
  return program(inputs, (given) => ({
    actions: sampleActions(
      withoutAbsent(policy, pictures),
      given.params,
      seen(pictures, given.observation),
      given.noise,
      numSamplingSteps,
    ),
  }));
};
