import { flowMatchingLoss, flowMatchingLossRealDims } from '@torsor/losses';
import {
  type AugmentationInputs,
  batchTypes,
  checkPi0Config,
  checkPi0FastConfig,
  computeFastAccuracy,
  computeFastLoss,
  type FastObservation,
  fastObservationTypes,
  type GemmaConfig,
  initParams,
  initPi0FastParams,
  type ModelError,
  type Pi0Batch,
  type Pi0Config,
  type Pi0FastConfig,
  paramTypes,
  pi0FastParamTypes,
  predictFlow,
  siglipVariant,
  so400m14,
} from '@torsor/models';
import type { Key } from '@torsor/random';
import type { Expr, TensorType, TensorValue } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import { type Pictures, withoutAbsent } from './pictures.js';
import { seen, sentTypes, withBlack } from './seeing.js';

type Model = TrainConfig['model'];

/** A policy as `@torsor/models` takes it: by flow matching (π0, π0.5), or by action tokens (π0-FAST). */
export type Policy =
  | { readonly family: 'flow'; readonly config: Pi0Config }
  | { readonly family: 'fast'; readonly config: Pi0FastConfig };

const gemmaOf = ({ lora, ...sizes }: Model['paligemma'], form: Model['lora']): GemmaConfig => {
  if (lora === null) return sizes;
  const { attn, ffn } = lora;
  return { ...sizes, lora: { ...(attn === null ? {} : { attn }), ...(ffn === null ? {} : { ffn }), form } };
};

const sharedOf = (model: Model, vocabulary: number): Pi0FastConfig => ({
  actionDim: model.actionDim,
  actionHorizon: model.actionHorizon,
  maxTokenLen: model.maxTokenLen,
  vocabSize: model.vocabSize ?? vocabulary,
  paligemma: gemmaOf(model.paligemma, model.lora),
  cameras: model.cameras,
  imageSize: model.imageSize,
  // The configuration admits names of towers alone.
  siglip: E.getOrElse(() => so400m14)(siglipVariant(model.siglip)),
  paramDtype: 'f32',
  computeDtype: model.computeDtype,
  ...(model.remat === 'auto' ? {} : { remat: model.remat }),
});

/**
 * The policy of a configuration.
 *
 * @param vocabulary - rows of the embedding table where the configuration leaves them to the tokenizer.
 */
export const policyOf = (model: Model, vocabulary: number): Policy => {
  const shared = sharedOf(model, vocabulary);
  if (model.kind === 'pi0-fast') return { family: 'fast', config: shared };
  const actionExpert = gemmaOf(model.actionExpert, model.lora);
  return { family: 'flow', config: { ...shared, pi05: model.kind === 'pi05', actionExpert } };
};

/**
 * A policy that can be built.
 *
 * @errors what `checkPi0Config` or `checkPi0FastConfig` refuses: adapters wider than their weights, pictures that patches do not fill.
 */
export const checkedPolicy = (policy: Policy): E.Either<readonly ModelError[], Policy> => {
  const checked: E.Either<readonly ModelError[], unknown> =
    policy.family === 'fast' ? checkPi0FastConfig(policy.config) : checkPi0Config(policy.config);
  return E.map(() => policy)(checked);
};

/** The types of a policy's parameters by openpi's paths, all in float32. */
export const policyParamTypes = (policy: Policy): Tree<TensorType> =>
  policy.family === 'fast' ? pi0FastParamTypes(policy.config) : paramTypes(policy.config);

/** First parameters of a policy. */
export const initPolicy = (policy: Policy, key: Key): Tree<TensorValue> =>
  policy.family === 'fast' ? initPi0FastParams(policy.config, key) : initParams(policy.config, key);

/** The types of a batch of `b` samples, as the host sends it. */
export const policyBatchTypes = (policy: Policy, pictures: Pictures, b: number): TreeNode<TensorType> => {
  if (policy.family === 'fast') return { observation: sentTypes(pictures, fastObservationTypes(policy.config, b), b) };
  const types = batchTypes(policy.config, b);
  return { ...types, observation: sentTypes(pictures, types.observation, b) };
};

/** `program` gives a batch the structure of its types: those of `policyBatchTypes`, with `variedTypes` in training. */
type Sent<B> = B & { readonly augmentation?: AugmentationInputs };

/** The losses of a batch, the samples on the first axis. */
export type LossTerms = {
  readonly loss: Expr;
  /** Of flow matching: without padded action dimensions. */
  readonly real: Expr | null;
  /** `f32[b]`, of a policy that writes tokens: how many of them are the most likely ones. */
  readonly tokenAccuracy: Expr | null;
};

/**
 * The losses of a batch.
 *
 * @param batch - of the types that `policyBatchTypes` gives, with what varies its pictures where they are varied.
 * @param realDims - action dimensions of the dataset; the others are padding.
 */
export const lossTerms = (
  policy: Policy,
  pictures: Pictures,
  params: Tree<Expr>,
  batch: TreeNode<Expr>,
  realDims: number,
): LossTerms => {
  if (policy.family === 'fast') {
    const sent = batch as unknown as Sent<{ readonly observation: FastObservation }>;
    const observation = withBlack(pictures, seen(pictures, sent.observation, sent.augmentation));
    const tokenAccuracy = computeFastAccuracy(policy.config, params, observation);
    return { loss: computeFastLoss(policy.config, params, observation), real: null, tokenAccuracy };
  }
  const sent = batch as unknown as Sent<Pi0Batch>;
  const observation = seen(pictures, sent.observation, sent.augmentation);
  const { v_t, u_t } = predictFlow(withoutAbsent(policy.config, pictures), params, { ...sent, observation });
  return { loss: flowMatchingLoss(v_t, u_t), real: flowMatchingLossRealDims(v_t, u_t, realDims), tokenAccuracy: null };
};
