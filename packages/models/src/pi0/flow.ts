import { type FlowMatchingInputs, flowMatchingInputs, flowMatchingLoss } from '@torsor/losses';
import { linear } from '@torsor/nn';
import { convert, type Expr, isValid, refused, sliceInDim, withTypes } from '@torsor/tensor';
import { type GemmaOutput, gemma } from '../gemma/gemma.js';
import { type Params, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { type Pi0Config, pi0Experts } from './config.js';
import { embedPrefix, embedSuffix } from './embed.js';
import { layoutOf } from './layout.js';
import type { Pi0Batch } from './observation.js';

/** What a flow-matching model is given, what it must predict, and what it predicts: `[b, ah, ad]` each. */
export type Flow = FlowMatchingInputs & {
  /** The predicted velocity. */
  readonly v_t: Expr;
};

/**
 * The predicted velocity of the actions, from the outputs of the action expert at the last tokens of the suffix.
 *
 * @param noisyActions - `[b, ah, ad]`.
 */
export const velocityOf = (params: Params, { outputs }: GemmaOutput, noisyActions: Expr): Expr => {
  const [, suffix] = outputs;
  if (suffix === undefined) return refused('velocityOf', [], 'the action expert did not run');
  return withTypes([suffix, noisyActions], ([out, actions]) => {
    const end = out?.shape[1] ?? 0;
    const last = sliceInDim(suffix, end - (actions?.shape[1] ?? 0), end, 1);
    const dtype = actions?.dtype ?? 'f32';
    const projection = linearAt(params, 'action_out_proj');
    // A narrow output meets a narrow kernel only where all parameters are narrow; any other meeting is in the wide dtype.
    const narrow = isValid(projection.kernel) && projection.kernel.type.dtype === out?.dtype;
    return convert(linear(projection, narrow ? last : convert(last, dtype)), dtype);
  });
};

/**
 * What a training step compares: the noisy actions, the velocity to predict and the predicted one, from one pass over
 * prefix and suffix.
 *
 * @source openpi `models/pi0.py` `compute_loss` (15a9616)
 */
export const predictFlow = (config: Pi0Config, params: Params, batch: Pi0Batch): Flow => {
  const { observation, actions, noise, time } = batch;
  const { x_t, u_t } = flowMatchingInputs(actions, noise, time);
  const prefix = embedPrefix(config, params, observation);
  const suffix = embedSuffix(config, params, observation.state, x_t, time);
  const output = gemma(
    paramsBelow(params, 'PaliGemma/llm'),
    pi0Experts(config),
    {
      tokens: [prefix.tokens, suffix.tokens],
      conditions: [undefined, suffix.condition],
      ...layoutOf([prefix, suffix]),
      ...(config.remat === undefined ? {} : { remat: config.remat }),
    },
    config.computeDtype,
  );
  return { x_t, u_t, v_t: velocityOf(params, output, x_t) };
};

/**
 * The flow-matching loss of every action of a chunk: the mean of (v_t − u_t)² over the action dimensions.
 *
 * @returns `[b, ah]`.
 * @source openpi `models/pi0.py` `compute_loss` (15a9616)
 */
export const computeLoss = (config: Pi0Config, params: Params, batch: Pi0Batch): Expr => {
  const { v_t, u_t } = predictFlow(config, params, batch);
  return flowMatchingLoss(v_t, u_t);
};
