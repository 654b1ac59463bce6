import { wideDType } from '@torsor/nn';
import { type Expr, type TensorType, tensorType } from '@torsor/tensor';
import { type Observation, observationTypes } from '../observation.js';
import type { Pi0Config } from './config.js';

/** An observation with its recorded actions and the random numbers of one training step. */
export type Pi0Batch<A = Expr> = {
  readonly observation: Observation<A>;
  /** `f32[b, ah, ad]`, normalized and padded. */
  readonly actions: A;
  /** `f32[b, ah, ad]`, ε ~ N(0, I). */
  readonly noise: A;
  /** `f32[b]`, t in (0, 1]; openpi draws 0.999 · Beta(1.5, 1) + 0.001. */
  readonly time: A;
};

/** The type of a chunk of actions, or of its noise, for `batch` samples. */
export const actionType = ({ paramDtype, actionHorizon, actionDim }: Pi0Config, batch: number): TensorType =>
  tensorType(wideDType(paramDtype), [batch, actionHorizon, actionDim]);

/** The type of a training batch of `batch` samples. */
export const batchTypes = (config: Pi0Config, batch: number): Pi0Batch<TensorType> => ({
  observation: observationTypes(config, batch),
  actions: actionType(config, batch),
  noise: actionType(config, batch),
  time: tensorType(wideDType(config.paramDtype), [batch]),
});
