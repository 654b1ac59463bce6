import { flowMatchingLoss, flowMatchingLossRealDims, flowMatchingLossRealSteps } from '@torsor/losses';
import {
  batchTypes,
  checkPi0Config,
  freezeFilter,
  initParams,
  type Pi0Config,
  paramTypes,
  predictFlow,
} from '@torsor/models';
import { type Expr, type TensorType, tensorType } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { observe, sentTypes } from '../inputs/observation.js';
import { type Pictures, withoutAbsent } from '../inputs/pictures.js';
import { type FlowBatch, flowTensors } from '../inputs/tensors.js';
import { flowSampler } from '../sampling/flow.js';
import type { LossTerms, PolicyModel, Sent } from './family.js';
import { type GemmaSettings, gemmaSchema } from './gemma.js';
import { refuseSettings } from './refuse.js';
import { checkHeads, checkPictures, type PictureSizes } from './shared.js';

/** What the settings of every policy by flow matching say. */
export const flowSettings = {
  actionExpert: gemmaSchema.describe('the expert that reads noisy actions and time, and in π0 the state'),
  maskPadding: z
    .boolean()
    .default(false)
    .describe(
      "leave steps beyond the end of an episode, which repeat its last action, out of the loss; false: openpi's way",
    ),
};

type FlowSettings = PictureSizes & { readonly paligemma: GemmaSettings; readonly actionExpert: GemmaSettings };

/** Refuses two experts that cannot share attention, a width that the time embedding does not fill, a camera named twice. */
export const checkFlowSettings = (settings: FlowSettings, context: z.core.$RefinementCtx): void => {
  const { paligemma, actionExpert } = settings;
  for (const key of ['depth', 'numHeads', 'numKvHeads', 'headDim'] as const) {
    if (paligemma[key] !== actionExpert[key]) {
      const message = `${actionExpert[key]} differs from model.paligemma.${key} = ${paligemma[key]}; the two experts share attention`;
      refuseSettings(context, ['actionExpert', key], message);
    }
  }
  for (const expert of ['paligemma', 'actionExpert'] as const) checkHeads(context, expert, settings[expert]);
  if (actionExpert.width % 2 !== 0) {
    const message = `${actionExpert.width} is odd; the sine-cosine time embedding fills it in pairs`;
    refuseSettings(context, ['actionExpert', 'width'], message);
  }
  checkPictures(context, settings);
};

const lossOf =
  (config: Pi0Config) =>
  (pictures: Pictures, params: Tree<Expr>, batch: TreeNode<Expr>, realDims: number): LossTerms => {
    const { isReal, ...sent } = batch as unknown as Sent<FlowBatch<Expr>>;
    const observation = observe(pictures, sent.observation, sent.augmentation);
    const { v_t, u_t } = predictFlow(withoutAbsent(config, pictures), params, { ...sent, observation });
    return isReal === undefined
      ? {
          loss: flowMatchingLoss(v_t, u_t),
          measured: { loss_real_dims: flowMatchingLossRealDims(v_t, u_t, realDims) },
        }
      : {
          loss: flowMatchingLossRealSteps(v_t, u_t, isReal),
          measured: { loss_real_dims: flowMatchingLossRealSteps(v_t, u_t, isReal, realDims) },
        };
  };

/**
 * A policy by flow matching: π0 or π0.5.
 *
 * @param maskPadding - whether steps beyond the end of an episode are left out of its loss; its batches say then which are.
 */
export const flowModel = (kind: string, config: Pi0Config, maskPadding = false): PolicyModel => {
  const checked = checkPi0Config(config);
  const loss = lossOf(config);
  const { actionDim, actionHorizon, maxTokenLen, imageSize, cameras } = config;
  const sizes = { actionDim, actionHorizon, maxTokenLen, imageSize };
  return {
    kind,
    sizes,
    cameras,
    errors: E.isLeft(checked) ? checked.left : [],
    paramTypes: paramTypes(config),
    initParams: (key, options) => initParams(config, key, options),
    freezeFilter: freezeFilter(config),
    batchTypes: (pictures, b): TreeNode<TensorType> => {
      const types = batchTypes(config, b);
      return {
        ...types,
        observation: sentTypes(pictures, types.observation, b),
        ...(maskPadding ? { isReal: tensorType('bool', [b, actionHorizon]) } : {}),
      };
    },
    batchTensors: (inputs, b) => flowTensors(inputs, b, sizes, maskPadding),
    loss,
    heldOutLoss: (...given) => ({ loss: loss(...given).loss, measured: {} }),
    sampler: flowSampler(config),
  };
};
