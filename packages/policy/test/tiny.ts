import { families, type ModelSettings, modelSchema } from '../src/index.js';

/** The smallest expert that the schemas take, with heads that share keys. */
export const expert = { width: 8, depth: 1, mlpDim: 8, numHeads: 2, numKvHeads: 1, headDim: 4 };

const sizes = { actionDim: 3, actionHorizon: 2, maxTokenLen: 8, vocabSize: 140, paligemma: expert };

/** What each family's settings say at the smallest size, before defaults. */
export const stated = {
  pi0: { kind: 'pi0', ...sizes, actionExpert: expert },
  pi05: { kind: 'pi05', ...sizes, maxTokenLen: 48, actionExpert: expert },
  'pi0-fast': { kind: 'pi0-fast', ...sizes, maxTokenLen: 48 },
} as const;

/** The smallest policy of a family. */
export const tinyModel = (kind: keyof typeof families, more: object = {}): ModelSettings =>
  modelSchema.parse({ ...stated[kind], ...more });

/** Settings of each family, typed as its own. */
export const tiny = {
  pi0: (more: object = {}) => families.pi0.schema.parse({ ...stated.pi0, ...more }),
  pi05: (more: object = {}) => families.pi05.schema.parse({ ...stated.pi05, ...more }),
  'pi0-fast': (more: object = {}) => families['pi0-fast'].schema.parse({ ...stated['pi0-fast'], ...more }),
} as const;
