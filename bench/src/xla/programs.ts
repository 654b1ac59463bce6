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
import { showOptimError } from '@torsor/optim';
import { dtypes, type Expr, type Program, program, type ShapeError, type TensorType } from '@torsor/tensor';
import {
  type FirstProgram,
  type LearnedState,
  nothingFrozen,
  type Objective,
  optimizerOf,
  type Recipe,
  recipeOf,
  firstProgram as trainersFirst,
  type UpdateBatch,
  type UpdateProgram,
  updateProgram,
} from '@torsor/training';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { Sizes } from './sizes.js';

/** What a step replaces. */
export type State<A> = LearnedState<A>;

/** What is new at every step. */
export type StepBatch<A> = { readonly inputs: Pi0Batch<A>; readonly learningRate: A };

export type StepProgram = UpdateProgram;

export type SampleProgram = Program<
  { readonly params: Tree<TensorType>; readonly observation: Observation<TensorType>; readonly noise: TensorType },
  { readonly actions: Expr }
>;

type Built<A> = E.Either<ShapeError, A>;

/** openpi's optimizer and averages. */
const recipe = ({ policy }: Sizes): Recipe => {
  const optimizer = optimizerOf({
    kind: 'adamw',
    b1: 0.9,
    b2: 0.95,
    eps: 1e-8,
    weightDecay: 1e-10,
    clipGradientNorm: 1,
  });
  const settings = { ...nothingFrozen, optimizer, emaDecay: 0.99, gradientAccumulation: 1 };
  const made = recipeOf(settings, { paramTypes: paramTypes(policy) }, dtypes);
  if (E.isLeft(made)) throw new Error(showOptimError(made.left));
  return made.right;
};

/** The loss that the trainer reports and trains, on pictures as the model takes them. */
const lossOf =
  (policy: Pi0Config): Objective['loss'] =>
  (params, batch) => {
    // `program` gives a batch the structure of its types, which are those of a batch of the policy.
    const { v_t, u_t } = predictFlow(policy, params, batch as unknown as Pi0Batch);
    return {
      loss: flowMatchingLoss(v_t, u_t),
      measured: { loss_real_dims: flowMatchingLossRealDims(v_t, u_t, policy.actionDim) },
    };
  };

const objective = ({ policy, batch }: Sizes): Objective => {
  const [types, loss] = [batchTypes(policy, batch), lossOf(policy)];
  return {
    paramTypes: paramTypes(policy),
    batchTypes: types,
    heldOutTypes: types,
    loss,
    heldOutLoss: loss,
  };
};

/** The first state of the optimizer. */
export const firstProgram = (sizes: Sizes): Built<FirstProgram> => trainersFirst(recipe(sizes));

/** The trainer's step: loss, gradient, clipping, AdamW and averages, with what it reports. */
export const stepProgram = (sizes: Sizes, optimizerTypes: TreeNode<TensorType>): Built<StepProgram> =>
  updateProgram(recipe(sizes), objective(sizes), optimizerTypes);

/** A step of the same inputs and outputs that computes nothing: what is left is what Node does. */
export const idleProgram = (sizes: Sizes, optimizerTypes: TreeNode<TensorType>): Built<StepProgram> =>
  E.flatMap(({ signature: { inputs } }: StepProgram) =>
    program(inputs, ({ state, batch }) => {
      // The signature is that of the step.
      const { learningRate: at } = batch as UpdateBatch<Expr>;
      return {
        state: state as State<Expr>,
        metrics: { loss: at, loss_real_dims: at, grad_norm: at, param_norm: at },
      };
    }),
  )(stepProgram(sizes, optimizerTypes));

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
