import { pi05Names } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { pi0Sequences, pi05Sequences } from '../inputs/sequences.js';
import type { Family } from './family.js';
import { checkFlowSettings, flowModel, flowSettings } from './flow.js';
import { gemmaOf } from './gemma.js';
import { tellingState } from './lerobot.js';
import { sharedConfig, sharedSettings } from './shared.js';

const schema = z
  .strictObject({
    kind: z.literal('pi05'),
    ...sharedSettings,
    ...flowSettings,
    discreteStateInput: z.boolean().default(true).describe('the prompt tells the state in 256 bins'),
  })
  .superRefine(checkFlowSettings);

/** π0.5: flow matching; the prompt tells the state, and time modulates the norms of the action expert. */
export const pi05: Family<z.output<typeof schema>> & { readonly schema: typeof schema } = {
  kind: 'pi05',
  title: 'π0.5',
  schema,
  names: pi05Names,
  lerobot: ({ discreteStateInput }, numSamplingSteps) =>
    discreteStateInput
      ? E.right({
          type: 'pi05',
          steps: tellingState('pi05_prepare_state_tokenizer_processor_step'),
          imageSize: null,
          config: { num_inference_steps: numSamplingSteps },
        })
      : E.left('model.discreteStateInput=false: its prompts always tell the state'),
  normMode: 'quantile',
  experts: ({ paligemma, actionExpert, lora }) =>
    [paligemma, actionExpert].map((expert) => gemmaOf(expert, lora, undefined)),
  modelOf: (settings, vocabulary, frozenDtype) =>
    flowModel(
      'pi05',
      {
        ...sharedConfig(settings, vocabulary, frozenDtype),
        pi05: true,
        actionExpert: gemmaOf(settings.actionExpert, settings.lora, frozenDtype),
      },
      settings.maskPadding,
    ),
  sequences: {
    _tag: 'Text',
    encoder: ({ discreteStateInput }, text, options) =>
      discreteStateInput ? pi05Sequences(text, options) : pi0Sequences(text, options),
  },
  ofSize: ({ actionExpert }) => ({ maxTokenLen: 200, actionExpert }),
  facts: () => [],
};
