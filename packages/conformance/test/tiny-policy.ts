import { families, type ModelSettings, modelSchema } from '@torsor/policy';

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
