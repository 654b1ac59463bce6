import type { JsonObject } from '@torsor/checkpoint';
import { gemmaVariants, paligemmaVocabSize, siglipVariant, so400m14 } from '@torsor/models';
import * as E from 'fp-ts/lib/Either.js';
import { familyOf } from '../families/families.js';
import type { GemmaSettings } from '../families/gemma.js';
import { type Exported, inputFeatures, normalizationMapping, outputFeatures, relativeActions } from './features.js';

const sizes = ({ width, depth, mlpDim, numHeads, numKvHeads, headDim }: Omit<GemmaSettings, 'lora'>): string =>
  `width ${width}, depth ${depth}, mlpDim ${mlpDim}, numHeads ${numHeads}, numKvHeads ${numKvHeads}, headDim ${headDim}`;

/** The name of an expert's sizes; of others their words, which LeRobot refuses instead of loading nothing. */
const variant = (expert: Omit<GemmaSettings, 'lora'>): string =>
  (['gemma_2b', 'gemma_300m'] as const).find((name) => sizes(gemmaVariants[name]) === sizes(expert)) ?? sizes(expert);

/** Sizes other than those of the experts that LeRobot has no setting for. */
const otherSizes = ({ model, lerobot }: Exported, vocabulary: number): readonly string[] => {
  const tower = siglipVariant(model.siglip);
  const isKnown = E.isRight(tower) && JSON.stringify(tower.right) === JSON.stringify(so400m14);
  const pictures = lerobot.imageSize ?? model.imageSize;
  return [
    ...(String(pictures) === String(model.imageSize) ? [] : [`pictures of ${model.imageSize.join('x')} pixels`]),
    ...(isKnown ? [] : [`image tower ${model.siglip}`]),
    ...(vocabulary === paligemmaVocabSize ? [] : [`${vocabulary} token embeddings`]),
  ];
};

/** The variants of a policy's experts, and what of its sizes LeRobot does not know. */
export const variantsOf = (
  exported: Exported,
  vocabulary: number,
): { readonly paligemma: string; readonly actionExpert: string | null; readonly unknown: readonly string[] } => {
  const { model } = exported;
  const [first, second] = familyOf(model).experts(model);
  const known = first === undefined ? '' : variant(first);
  const other = [...(known.startsWith('gemma') ? [] : [known]), ...otherSizes(exported, vocabulary)];
  const actionExpert = second === undefined ? null : variant(second);
  const unknown = actionExpert === null || actionExpert.startsWith('gemma') ? other : [...other, actionExpert];
  return { paligemma: other.length === 0 ? known : other.join('; '), actionExpert, unknown };
};

/**
 * LeRobot's `config.json` of a policy. Settings of its training are its defaults.
 *
 * @param vocabulary - rows of the embedding table.
 * @source LeRobot 0.6.1 `policies/{pi0,pi05,pi0_fast}/configuration_*.py`
 */
export const lerobotConfig = (exported: Exported, vocabulary: number): JsonObject => {
  const { lerobot, model } = exported;
  const { paligemma, actionExpert } = variantsOf(exported, vocabulary);
  const relative = relativeActions(exported);
  return {
    type: lerobot.type,
    n_obs_steps: 1,
    input_features: inputFeatures(exported),
    output_features: outputFeatures(exported),
    device: null,
    push_to_hub: false,
    paligemma_variant: paligemma,
    ...(actionExpert === null ? {} : { action_expert_variant: actionExpert }),
    dtype: exported.dtype,
    chunk_size: model.actionHorizon,
    n_action_steps: model.actionHorizon,
    max_state_dim: model.actionDim,
    max_action_dim: model.actionDim,
    ...lerobot.config,
    use_relative_actions: relative.enabled,
    relative_exclude_joints: relative.exclude,
    action_feature_names: relative.names,
    image_resolution: model.imageSize,
    empty_cameras: 0,
    normalization_mapping: normalizationMapping(exported),
    tokenizer_max_length: model.maxTokenLen,
  };
};
