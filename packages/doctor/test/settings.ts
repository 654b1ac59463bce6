import { families, modelSchema } from '@torsor/policy';
import type { RunSettings } from '../src/fs/run-findings.js';

const expert = { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 };

/** A run of the smallest policy of a family. */
export const tinyRun = (
  kind: keyof typeof families,
  model: object = {},
  more: Partial<Omit<RunSettings, 'model' | 'data'>> & { readonly data?: Partial<RunSettings['data']> } = {},
): RunSettings => {
  const { data, ...rest } = more;
  return {
    model: modelSchema.parse({
      kind,
      actionDim: 4,
      paligemma: expert,
      actionHorizon: 4,
      ...families[kind].ofSize({ actionExpert: expert, sequence: { maxTokenLen: 100, maxDecodingSteps: 80 } }),
      ...model,
    }),
    data: {
      cameras: {},
      augment: true,
      jitter: 'full',
      normMode: 'quantile',
      deltaActionMask: null,
      heldOut: 1,
      units: null,
      tokenizer: null,
      maxTruncatedShare: 0,
      adaptToPi: false,
      ...data,
    },
    seed: 42,
    batchSize: 4,
    steps: 10,
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
    mesh: null,
    init: null,
    out: '.',
    keepLast: 1,
    keepPeriod: null,
    ...rest,
  };
};
