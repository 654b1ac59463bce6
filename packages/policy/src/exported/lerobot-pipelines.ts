import { encodeSafetensors, fromTypedArray, type JsonObject, type SafetensorsTensor } from '@torsor/checkpoint';
import type { VectorStats } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { LerobotStep } from '../families/lerobot.js';
import { type Exported, inputFeatures, normalizationMapping, outputFeatures, relativeActions } from './features.js';

const textTokenizer = 'google/paligemma-3b-pt-224';

const epsilon = 1e-6;

/**
 * What LeRobot adds to a deviation, or takes in place of a width that is zero. openpi widens both by 1e-6, there and back; LeRobot widens
 * only on the way there. With the widening in the statistics both ways are openpi's.
 */
const epsOf = ({ data }: Exported): number => (data.normMode === 'quantile' ? epsilon : 0);

const vector = (values: readonly number[]): SafetensorsTensor =>
  fromTypedArray('F32', [values.length], Float32Array.from(values));

const widened = (values: readonly number[]): SafetensorsTensor => vector(values.map((value) => value + epsilon));

const statsOf = (
  key: string,
  { mean, std, q01, q99 }: VectorStats,
): readonly (readonly [string, SafetensorsTensor])[] => [
  [`${key}.mean`, vector(mean)],
  [`${key}.std`, widened(std)],
  ...(q01 === null ? [] : [[`${key}.q01`, vector(q01)] as const]),
  ...(q99 === null ? [] : [[`${key}.q99`, widened(q99)] as const]),
];

const stateOf = ({ stats }: Exported): Uint8Array => {
  const tensors = new Map([...statsOf('action', stats.actions), ...statsOf('observation.state', stats.state)]);
  // Vectors of f32 under names of ours are always encoded.
  return E.getOrElse((): Uint8Array => new Uint8Array())(encodeSafetensors({ tensors, metadata: {} }));
};

const normalizer = (exported: Exported, withInputs: boolean): JsonObject => ({
  eps: epsOf(exported),
  features: { ...(withInputs ? inputFeatures(exported) : {}), ...outputFeatures(exported) },
  norm_map: normalizationMapping(exported),
});

const device: JsonObject = { device: 'cpu', float_dtype: null };

const stepConfig = (exported: Exported, step: LerobotStep): JsonObject => {
  const { enabled, exclude, names } = relativeActions(exported);
  switch (step) {
    case 'rename_observations_processor':
      return { rename_map: {} };
    case 'tokenizer_processor':
      return {
        max_length: exported.model.maxTokenLen,
        task_key: 'task',
        padding_side: 'right',
        padding: 'max_length',
        truncation: true,
        tokenizer_name: textTokenizer,
      };
    case 'action_tokenizer_processor':
      return {
        trust_remote_code: true,
        max_action_tokens: exported.lerobot.config['max_action_tokens'] ?? null,
        action_tokenizer_name: 'lerobot/fast-action-tokenizer',
      };
    case 'device_processor':
      return device;
    case 'relative_actions_processor':
      return { enabled, exclude_joints: exclude, action_names: names };
    case 'normalizer_processor':
      return normalizer(exported, true);
    case 'to_batch_processor':
    case 'pi0_new_line_processor':
    case 'pi05_prepare_state_tokenizer_processor_step':
    case 'pi0_fast_prepare_state_tokenizer_processor_step':
      return {};
  }
};

const json = (value: JsonObject): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/**
 * The pipelines before and after a policy as LeRobot saves them, with its statistics: normalized there, a sample is what it was in training
 * here, and actions are undone alike.
 *
 * @returns files by name.
 * @source LeRobot 0.6.1 `processor/pipeline.py` `_save_pretrained`, `policies/{pi0,pi05,pi0_fast}/processor_*.py`
 */
export const lerobotPipelines = (exported: Exported): { readonly [file: string]: Uint8Array } => {
  const { steps } = exported.lerobot;
  const [pre, post] = ['policy_preprocessor', 'policy_postprocessor'] as const;
  const before = `${pre}_step_${steps.indexOf('normalizer_processor')}_normalizer_processor.safetensors`;
  const after = `${post}_step_0_unnormalizer_processor.safetensors`;
  const state = stateOf(exported);
  return {
    [`${pre}.json`]: json({
      name: pre,
      steps: steps.map((step) => ({
        registry_name: step,
        config: stepConfig(exported, step),
        ...(step === 'normalizer_processor' ? { state_file: before } : {}),
      })),
    }),
    [before]: state,
    [`${post}.json`]: json({
      name: post,
      steps: [
        { registry_name: 'unnormalizer_processor', config: normalizer(exported, false), state_file: after },
        { registry_name: 'absolute_actions_processor', config: { enabled: relativeActions(exported).enabled } },
        { registry_name: 'device_processor', config: device },
      ],
    }),
    [after]: state,
  };
};
