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
import { adamw, applyUpdates, ema, globalNorm, paramNorm } from '@torsor/optim';
import {
  constant,
  type Expr,
  mean,
  type Program,
  program,
  type ShapeError,
  type TensorType,
  tensorType,
  valueAndGradWithAux,
} from '@torsor/tensor';
import { map, type Tree, type TreeNode } from '@torsor/tree';
import type * as E from 'fp-ts/lib/Either.js';
import type { Sizes } from './sizes.js';

/** What a step replaces. */
export type State<A> = { readonly params: Tree<A>; readonly optimizer: TreeNode<A>; readonly ema: Tree<A> };

/** What is new at every step. */
export type StepBatch<A> = Pi0Batch<A> & { readonly learningRate: A };

/** What the trainer reads after every step. */
export type Metrics<A> = {
  readonly loss: A;
  readonly loss_real_dims: A;
  readonly grad_norm: A;
  readonly param_norm: A;
};

export type StepProgram = Program<
  { readonly state: State<TensorType>; readonly batch: StepBatch<TensorType> },
  { readonly state: State<Expr>; readonly metrics: Metrics<Expr> }
>;

export type FirstProgram = Program<Record<never, TensorType>, { readonly optimizer: TreeNode<Expr> }>;

export type SampleProgram = Program<
  { readonly params: Tree<TensorType>; readonly observation: Observation<TensorType>; readonly noise: TensorType },
  { readonly actions: Expr }
>;

type Built<A> = E.Either<ShapeError, A>;

/** openpi's optimizer. */
const optimizer = (learningRate: Expr | number): ReturnType<typeof adamw> =>
  adamw({ learningRate, b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-10, clipGradientNorm: 1 });

/** The first state of the optimizer. */
export const firstProgram = ({ policy }: Sizes): Built<FirstProgram> =>
  program({}, () => ({
    optimizer: optimizer(0).init(map(paramTypes(policy), ({ dtype, shape }) => constant(0, dtype, shape))),
  }));

const inputsOf = (
  { policy, batch }: Sizes,
  optimizerTypes: TreeNode<TensorType>,
): { readonly state: State<TensorType>; readonly batch: StepBatch<TensorType> } => {
  const params = paramTypes(policy);
  return {
    state: { params, optimizer: optimizerTypes, ema: params },
    batch: { ...batchTypes(policy, batch), learningRate: tensorType('f32') },
  };
};

const lossOf =
  (policy: Pi0Config, batch: Pi0Batch) =>
  (params: Tree<Expr>): { readonly value: Expr; readonly aux: { readonly real: Expr } } => {
    const { v_t, u_t } = predictFlow(policy, params, batch);
    const real = mean(flowMatchingLossRealDims(v_t, u_t, policy.actionDim));
    return { value: mean(flowMatchingLoss(v_t, u_t)), aux: { real } };
  };

/** The trainer's step: loss, gradient, clipping, AdamW and averages, with what it reports. */
export const stepProgram = (sizes: Sizes, optimizerTypes: TreeNode<TensorType>): Built<StepProgram> =>
  program(inputsOf(sizes, optimizerTypes), ({ state, batch: { learningRate, ...batch } }) => {
    const { value, grads, aux } = valueAndGradWithAux(lossOf(sizes.policy, batch))(state.params);
    const { updates, state: next } = optimizer(learningRate).update(grads, state.optimizer, state.params);
    const params = applyUpdates(state.params, updates);
    return {
      state: { params, optimizer: next, ema: ema(0.99).update(state.ema, params) },
      metrics: {
        loss: value,
        loss_real_dims: aux.real,
        grad_norm: globalNorm(grads),
        param_norm: paramNorm(params),
      },
    };
  });

/** A step of the same inputs and outputs that computes nothing: what is left is what Node does. */
export const idleProgram = (sizes: Sizes, optimizerTypes: TreeNode<TensorType>): Built<StepProgram> =>
  program(inputsOf(sizes, optimizerTypes), ({ state, batch }) => {
    const { learningRate: at } = batch;
    return { state, metrics: { loss: at, loss_real_dims: at, grad_norm: at, param_norm: at } };
  });

/** Ten Euler steps for one observation. */
export const sampleProgram = ({ policy }: Sizes): Built<SampleProgram> => {
  const inputs: SampleProgram['signature']['inputs'] = {
    params: paramTypes(policy),
    observation: observationTypes(policy, 1),
    noise: actionType(policy, 1),
  };
  return program(inputs, ({ params, observation, noise }) => ({
    actions: sampleActions(policy, params, observation, noise, 10),
  }));
};
