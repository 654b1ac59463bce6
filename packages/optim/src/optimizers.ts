import type { Operand } from '@torsor/tensor';
import { type AdamOptions, scaleByAdam } from './adam.js';
import { type ChainState, chain } from './chain.js';
import { clipByGlobalNorm } from './clip.js';
import type { Mask } from './mask.js';
import { addDecayedWeights, scaleByLearningRate } from './scale.js';
import { trace } from './trace.js';
import type { GradientTransformation } from './transformation.js';

/** Hyper-parameters of AdamW. */
export type AdamWOptions = AdamOptions & {
  /** A number, or `f32[]`. */
  readonly learningRate: Operand;
  readonly weightDecay: number;
  /** Which parameters decay; all by default. */
  readonly mask?: Mask;
  /** The global norm that gradients are clipped to; not clipped by default. */
  readonly clipGradientNorm?: number;
};

/**
 * Adam with decoupled weight decay, after clipping by global norm: `p ← p − lr · (adam(clip(g)) + weightDecay · p)`.
 *
 * @errors `ShapeError` in every leaf when a hyper-parameter is refused.
 * @source openpi `training/optimizer.py` `AdamW` (15a9616); Loshchilov & Hutter, arXiv 1711.05101.
 */
export const adamw = (options: AdamWOptions): GradientTransformation<ChainState> =>
  chain(
    ...(options.clipGradientNorm === undefined ? [] : [clipByGlobalNorm(options.clipGradientNorm)]),
    scaleByAdam(options),
    addDecayedWeights(options.weightDecay, options.mask),
    scaleByLearningRate(options.learningRate),
  );

/** Hyper-parameters of gradient descent. */
export type SgdOptions = {
  /** A number, or `f32[]`. */
  readonly learningRate: Operand;
  /** None by default. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
};

/**
 * Gradient descent: `p ← p − lr · trace(g)`.
 *
 * @errors `ShapeError` in every leaf when the momentum is refused.
 * @source optax `sgd`.
 */
export const sgd = ({ learningRate, momentum, nesterov = false }: SgdOptions): GradientTransformation<ChainState> =>
  chain(...(momentum === undefined ? [] : [trace({ decay: momentum, nesterov })]), scaleByLearningRate(learningRate));
