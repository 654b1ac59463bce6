import type { Json } from '@torsor/checkpoint';

/** A step of LeRobot's pipelines before a policy, by the name that it is registered under. */
export type LerobotStep =
  | 'rename_observations_processor'
  | 'to_batch_processor'
  | 'pi0_new_line_processor'
  | 'pi05_prepare_state_tokenizer_processor_step'
  | 'pi0_fast_prepare_state_tokenizer_processor_step'
  | 'tokenizer_processor'
  | 'action_tokenizer_processor'
  | 'device_processor'
  | 'relative_actions_processor'
  | 'normalizer_processor';

/** A policy as LeRobot has it. */
export type LerobotModel = {
  /** Of its configuration. */
  readonly type: string;
  /** What an observation goes through, in order. */
  readonly steps: readonly LerobotStep[];
  /** The only size of pictures that it reads; `null`: any. */
  readonly imageSize: readonly [height: number, width: number] | null;
  /** Fields of `config.json` that not every policy has. */
  readonly config: { readonly [field: string]: Json };
};

/** The steps of a policy whose prompt tells the normalized state. */
export const tellingState = (prepare: LerobotStep, ...more: readonly LerobotStep[]): readonly LerobotStep[] => [
  ...([
    'rename_observations_processor',
    'to_batch_processor',
    'relative_actions_processor',
    'normalizer_processor',
  ] as const),
  prepare,
  'tokenizer_processor',
  ...more,
  'device_processor',
];
