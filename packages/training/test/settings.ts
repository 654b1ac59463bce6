import { families, type ModelSettings, modelSchema } from '@torsor/policy';
import type { DataSettings, PolicyRunSettings, PreflightSettings } from '../src/index.js';

const expert = { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 };

/** The smallest policy of a family: what `pi0-tiny` and its siblings of the binary are. */
export const tinyModel = (kind: keyof typeof families, more: object = {}): ModelSettings =>
  modelSchema.parse({
    kind,
    actionDim: 32,
    paligemma: expert,
    actionHorizon: 10,
    ...families[kind].ofSize({ actionExpert: expert, sequence: { maxTokenLen: 200, maxDecodingSteps: 80 } }),
    ...more,
  });

/** Settings of a run on the embedded recordings, without pictures. */
export const tinySettings = (
  model: ModelSettings = tinyModel('pi0'),
): PolicyRunSettings & DataSettings & PreflightSettings => ({
  model,
  data: {
    cameras: {},
    augment: true,
    jitter: 'full',
    normMode: 'mean_std',
    deltaActionMask: null,
    adaptToPi: false,
    heldOut: 2,
    units: null,
    tokenizer: null,
    maxTruncatedShare: 0,
  },
  seed: 42,
  batchSize: 4,
  optimizer: { kind: 'adamw', b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 1e-10, clipGradientNorm: 1 },
  emaDecay: 0.9,
  gradientAccumulation: 1,
  fsdpMinBytes: 0,
  numSamplingSteps: 10,
  evalWindows: 4,
  evalSamples: 2,
  freeze: [],
  freezeForLora: false,
  frozenDtype: 'auto',
});
