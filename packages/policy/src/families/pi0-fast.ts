import { pi0FastNames } from '@torsor/checkpoint';
import {
  checkPi0FastConfig,
  computeFastAccuracy,
  computeFastLoss,
  type FastObservation,
  fastObservationTypes,
  freezeFilter,
  initPi0FastParams,
  type Pi0FastConfig,
  pi0FastParamTypes,
} from '@torsor/models';
import type { DType, Expr } from '@torsor/tensor';
import type { Tree, TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { type AbsentCameras, observe, sentTypes, withBlack } from '../inputs/observation.js';
import type { Pictures } from '../inputs/pictures.js';
import { fastSequences } from '../inputs/sequences.js';
import { fastTensors } from '../inputs/tensors.js';
import { tokenSampler } from '../sampling/tokens.js';
import type { Family, LossTerms, PolicyModel, Sent } from './family.js';
import { gemmaOf } from './gemma.js';
import { tellingState } from './lerobot.js';
import { checkHeads, checkPictures, sharedConfig, sharedSettings } from './shared.js';

const size = z.int().min(1);

const fastSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'folder of a FAST processor (processor_config.json, tokenizer.json); null: fitted on the training chunks',
    ),
  scale: z.number().gt(0).default(10).describe('steps per unit of a normalized DCT coefficient, when fitted'),
  vocabSize: size.default(1024).describe('tokens of the byte-pair encoding, when fitted'),
  onOutOfRange: z
    .enum(['refuse', 'clamp'])
    .default('refuse')
    .describe('a chunk with motions that the tokenizer has no token for; clamp takes the nearest, and counts them'),
});

const schema = z
  .strictObject({
    kind: z.literal('pi0-fast'),
    ...sharedSettings,
    fast: fastSchema.prefault({}).describe('the tokenizer of action chunks'),
    absentCameras: z
      .enum(['masked', 'black'])
      .default('masked')
      .describe(
        "a camera that is given no pictures: behind a mask; or black that the policy looks at, openpi's way on LIBERO and DROID",
      ),
    decoding: z
      .enum(['consistent', 'openpi'])
      .default('consistent')
      .describe(
        "positions and masks of decoding: training's own; or openpi's, which its released checkpoints were evaluated with",
      ),
    maxDecodingSteps: size.default(256).describe('tokens decoded for a chunk at most'),
    temperature: z
      .number()
      .min(0)
      .default(1)
      .describe('of the chunks after the first, when several are sampled for an observation; the first is greedy'),
  })
  .superRefine((model, context) => {
    checkHeads(context, 'paligemma', model.paligemma);
    checkPictures(context, model);
  });

type Settings = z.output<typeof schema>;

const observed = (pictures: Pictures, batch: TreeNode<Expr>, shown: AbsentCameras): FastObservation => {
  const sent = batch as unknown as Sent<{ readonly observation: FastObservation }>;
  return withBlack(pictures, observe(pictures, sent.observation, sent.augmentation), shown);
};

const lossOf =
  (config: Pi0FastConfig, shown: AbsentCameras) =>
  (pictures: Pictures, params: Tree<Expr>, batch: TreeNode<Expr>): LossTerms => ({
    loss: computeFastLoss(config, params, observed(pictures, batch, shown)),
    measured: {},
  });

const heldOutLossOf =
  (config: Pi0FastConfig, shown: AbsentCameras) =>
  (pictures: Pictures, params: Tree<Expr>, batch: TreeNode<Expr>): LossTerms => {
    const observation = observed(pictures, batch, shown);
    return {
      loss: computeFastLoss(config, params, observation),
      measured: { token_accuracy: computeFastAccuracy(config, params, observation) },
    };
  };

const modelOf = (settings: Settings, vocabulary: number, frozenDtype: DType | undefined): PolicyModel => {
  const config = sharedConfig(settings, vocabulary, frozenDtype);
  const { actionDim, actionHorizon, maxTokenLen, imageSize, cameras } = config;
  const sizes = { actionDim, actionHorizon, maxTokenLen, imageSize };
  const checked = checkPi0FastConfig(config);
  return {
    kind: settings.kind,
    sizes,
    cameras,
    errors: E.isLeft(checked) ? checked.left : [],
    paramTypes: pi0FastParamTypes(config),
    initParams: (key, options) => initPi0FastParams(config, key, options),
    freezeFilter: freezeFilter(config),
    batchTypes: (pictures, b) => ({ observation: sentTypes(pictures, fastObservationTypes(config, b), b) }),
    batchTensors: (inputs, b) => fastTensors(inputs, b, sizes),
    loss: lossOf(config, settings.absentCameras),
    heldOutLoss: heldOutLossOf(config, settings.absentCameras),
    sampler: tokenSampler(config, settings),
  };
};

/** π0-FAST: actions are written as tokens, one after another. */
export const pi0Fast: Family<Settings> & { readonly schema: typeof schema } = {
  kind: 'pi0-fast',
  title: 'π0-FAST',
  schema,
  names: pi0FastNames,
  lerobot: ({ maxDecodingSteps }) =>
    E.right({
      type: 'pi0_fast',
      steps: tellingState('pi0_fast_prepare_state_tokenizer_processor_step', 'action_tokenizer_processor'),
      imageSize: [224, 224],
      config: { max_action_tokens: maxDecodingSteps, max_decoding_steps: maxDecodingSteps },
    }),
  normMode: 'quantile',
  experts: ({ paligemma, lora }) => [gemmaOf(paligemma, lora, undefined)],
  modelOf,
  sequences: { _tag: 'Actions', tokens: ({ fast }) => fast, encoder: fastSequences },
  ofSize: ({ sequence }) => sequence,
  facts: ({ decoding, maxDecodingSteps }) => [['decoding', `${decoding}, at most ${maxDecodingSteps} tokens`]],
};
