import { flowMatchingLoss, flowMatchingLossRealDims } from '@torsor/losses';
import {
  actionType,
  batchTypes,
  type Observation,
  observationTypes,
  type Pi0Batch,
  type Pi0Config,
  paramTypes,
  predictFlow,
  sampleActions,
} from '@torsor/models';
import {
  accumulateGradients,
  adamw,
  applyUpdates,
  ema,
  globalNorm,
  type Mask,
  maskOf,
  merge,
  type OptimError,
  type Optimizer,
  paramNorm,
  partition,
  sgd,
} from '@torsor/optim';
import {
  constant,
  type Expr,
  mean,
  type Program,
  program,
  type ShapeError,
  type TensorType,
  tensorType,
} from '@torsor/tensor';
import { isNode, map, paths, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';

/** What training changes: parameters, the optimizer's state, and averaged parameters where there are any. */
export type PolicyState<A> = {
  readonly params: Tree<A>;
  readonly optimizer: TreeNode<A>;
  /** `{}` without averaging. */
  readonly ema: Tree<A>;
};

/** The parameters a policy acts with: the averaged ones where there are any. */
export const actingParams = <A>({ params, ema }: PolicyState<A>): Tree<A> =>
  isNode(ema) && Object.keys(ema).length === 0 ? params : ema;

/** What one update is computed from. */
export type UpdateBatch<A> = Pi0Batch<A> & {
  /** `f32[]`, of this update. */
  readonly learningRate: A;
};

/** What one update measures, `f32[]` each. */
export type UpdateMetrics<A> = {
  readonly loss: A;
  readonly loss_real_dims: A;
  readonly grad_norm: A;
  readonly param_norm: A;
};

/** The losses of the samples of a batch, `f32[b]` each. */
export type SampleLosses<A> = { readonly loss: A; readonly loss_real_dims: A };

/** The first optimizer state; from nothing. */
export type FirstProgram = Program<Record<never, TensorType>, { readonly optimizer: TreeNode<Expr> }>;

/** One update. */
export type UpdateProgram = Program<
  { readonly state: PolicyState<TensorType>; readonly batch: UpdateBatch<TensorType> },
  { readonly state: PolicyState<Expr>; readonly metrics: UpdateMetrics<Expr> }
>;

/** Losses of a batch. */
export type LossProgram = Program<
  { readonly params: Tree<TensorType>; readonly batch: Pi0Batch<TensorType> },
  SampleLosses<Expr>
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

/** The sizes of a policy as `@torsor/models` takes them. */
export const policyOf = (
  { kind: _kind, vocabSize, remat, ...sizes }: TrainConfig['model'],
  vocabulary: number,
): Pi0Config => ({
  ...sizes,
  ...(remat === 'auto' ? {} : { remat }),
  vocabSize: vocabSize ?? vocabulary,
  paramDtype: 'f32',
  computeDtype: 'f32',
});

/** What an update is made of besides the model. */
export type Recipe = {
  readonly optimizer: Optimizer;
  /** The parameters that are trained; `null` when all are. */
  readonly trained: Mask | null;
  readonly emaDecay: number | null;
  readonly gradientAccumulation: number;
  readonly realDims: number;
};

const optimizerOf = (options: TrainConfig['optimizer']): Optimizer => {
  if (options.kind === 'sgd') return (learningRate) => sgd({ ...options, learningRate });
  const { clipGradientNorm, ...rest } = options;
  const clipping = clipGradientNorm === null ? {} : { clipGradientNorm };
  return (learningRate) => adamw({ ...rest, ...clipping, learningRate });
};

/** The parameters that no pattern freezes; a pattern that matches none is an error, as is leaving none to train. */
const trainedOf = (types: Tree<TensorType>, patterns: readonly string[]): E.Either<OptimError, Mask | null> => {
  if (patterns.length === 0) return E.right(null);
  const whole = patterns.map((pattern) => new RegExp(`^(?:${pattern})$`, 'u'));
  const idle = whole.find((pattern) => !paths(types).some((path) => pattern.test(path)));
  if (idle !== undefined) return E.left({ _tag: 'NoMatch', filter: String(idle), paths: paths(types) });
  return maskOf(types, (path) => !whole.some((pattern) => pattern.test(path)));
};

/**
 * What a configuration makes of an update.
 *
 * @param realDims - action dimensions of the dataset; the others are padding.
 * @errors `NoMatch` for a freeze pattern that matches no parameter, or patterns that leave none.
 */
export const recipeOf = (config: TrainConfig, policy: Pi0Config, realDims: number): E.Either<OptimError, Recipe> =>
  pipe(
    trainedOf(paramTypes(policy), config.freeze),
    E.map((trained) => ({
      optimizer: optimizerOf(config.optimizer),
      trained,
      emaDecay: config.emaDecay,
      gradientAccumulation: config.gradientAccumulation,
      realDims,
    })),
  );

const trainedPart = (recipe: Recipe, params: Tree<Expr>): Tree<Expr> =>
  recipe.trained === null ? params : partition(params, recipe.trained).selected;

/**
 * The first state of the optimizer: a program without inputs, for it depends on nothing but the types of the parameters.
 */
export const firstProgram = (recipe: Recipe, policy: Pi0Config): E.Either<ShapeError, FirstProgram> =>
  program({}, () => {
    const zeros = map(paramTypes(policy), ({ dtype, shape }) => constant(0, dtype, shape));
    return { optimizer: recipe.optimizer(0).init(trainedPart(recipe, zeros)) };
  });

const meanLosses = (
  policy: Pi0Config,
  realDims: number,
  params: Tree<Expr>,
  batch: Pi0Batch,
): { readonly loss: Expr; readonly real: Expr } => {
  const { v_t, u_t } = predictFlow(policy, params, batch);
  return { loss: flowMatchingLoss(v_t, u_t), real: flowMatchingLossRealDims(v_t, u_t, realDims) };
};

const updated = (
  recipe: Recipe,
  policy: Pi0Config,
  { params, optimizer: before, ema: average }: PolicyState<Expr>,
  { learningRate, ...batch }: UpdateBatch<Expr>,
): { readonly state: PolicyState<Expr>; readonly metrics: UpdateMetrics<Expr> } => {
  const loss = (
    trained: Tree<Expr>,
    part: Pi0Batch,
  ): { readonly value: Expr; readonly aux: { readonly real: Expr } } => {
    const losses = meanLosses(policy, recipe.realDims, merge(params, trained), part);
    return { value: mean(losses.loss), aux: { real: mean(losses.real) } };
  };
  const trained = trainedPart(recipe, params);
  const { value, grads, aux } = accumulateGradients(loss, recipe.gradientAccumulation)(trained, batch);
  const { updates, state } = recipe.optimizer(learningRate).update(grads, before, trained);
  const next = merge(params, applyUpdates(trained, updates));
  return {
    state: {
      params: next,
      optimizer: state,
      ema: recipe.emaDecay === null ? {} : ema(recipe.emaDecay).update(average, next),
    },
    metrics: { loss: value, loss_real_dims: aux.real, grad_norm: globalNorm(grads), param_norm: paramNorm(next) },
  };
};

/**
 * One update: loss, gradient, clipping, optimizer and averaging, in one program.
 *
 * @param optimizerTypes - of the optimizer's state, from `firstProgram`.
 */
export const updateProgram = (
  recipe: Recipe,
  policy: Pi0Config,
  optimizerTypes: TreeNode<TensorType>,
  batchSize: number,
): E.Either<ShapeError, UpdateProgram> => {
  const params = paramTypes(policy);
  const inputs: { readonly state: PolicyState<TensorType>; readonly batch: UpdateBatch<TensorType> } = {
    state: { params, optimizer: optimizerTypes, ema: recipe.emaDecay === null ? {} : params },
    batch: { ...batchTypes(policy, batchSize), learningRate: tensorType('f32') },
  };
  return program(inputs, ({ state, batch }) => updated(recipe, policy, state, batch));
};

/** The losses of each sample of a batch, means over the chunk. */
export const lossProgram = (
  policy: Pi0Config,
  realDims: number,
  batchSize: number,
): E.Either<ShapeError, LossProgram> => {
  const inputs: { readonly params: Tree<TensorType>; readonly batch: Pi0Batch<TensorType> } = {
    params: paramTypes(policy),
    batch: batchTypes(policy, batchSize),
  };
  return program(inputs, ({ params, batch }) => {
    const { loss, real } = meanLosses(policy, realDims, params, batch);
    return { loss: mean(loss, [-1]), loss_real_dims: mean(real, [-1]) };
  });
};

/** Action chunks for a batch of observations, from noise. */
export const sampleProgram = (
  policy: Pi0Config,
  batchSize: number,
  numSamplingSteps: number,
): E.Either<ShapeError, SampleProgram> => {
  const inputs: {
    readonly params: Tree<TensorType>;
    readonly observation: Observation<TensorType>;
    readonly noise: TensorType;
  } = {
    params: paramTypes(policy),
    observation: observationTypes(policy, batchSize),
    noise: actionType(policy, batchSize),
  };
  return program(inputs, ({ params, observation, noise }) => ({
    actions: sampleActions(policy, params, observation, noise, numSamplingSteps),
  }));
};
