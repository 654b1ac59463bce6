import { pi0Names } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { pi0Sequences } from '../inputs/sequences.js';
import type { Family } from './family.js';
import { checkFlowSettings, flowModel, flowSettings } from './flow.js';
import { gemmaOf } from './gemma.js';
import { sharedConfig, sharedSettings } from './shared.js';

const schema = z
  .strictObject({ kind: z.literal('pi0'), ...sharedSettings, ...flowSettings })
  .superRefine(checkFlowSettings);

/** π0: flow matching; the state is read by the action expert. */
export const pi0: Family<z.output<typeof schema>> & { readonly schema: typeof schema } = {
  kind: 'pi0',
  title: 'π0',
  schema,
  names: pi0Names,
  lerobot: (_, numSamplingSteps) =>
    E.right({
      type: 'pi0',
      steps: [
        'rename_observations_processor',
        'to_batch_processor',
        'pi0_new_line_processor',
        'tokenizer_processor',
        'device_processor',
        'relative_actions_processor',
        'normalizer_processor',
      ],
      imageSize: null,
      config: { num_inference_steps: numSamplingSteps },
    }),
  normMode: 'mean_std',
  experts: ({ paligemma, actionExpert, lora }) =>
    [paligemma, actionExpert].map((expert) => gemmaOf(expert, lora, undefined)),
  modelOf: (settings, vocabulary, frozenDtype) =>
    flowModel(
      'pi0',
      {
        ...sharedConfig(settings, vocabulary, frozenDtype),
        pi05: false,
        actionExpert: gemmaOf(settings.actionExpert, settings.lora, frozenDtype),
      },
      settings.maskPadding,
    ),
  sequences: { _tag: 'Text', encoder: (_, text, options) => pi0Sequences(text, options) },
  ofSize: ({ actionExpert }) => ({ maxTokenLen: 48, actionExpert }),
  facts: () => [],
};
