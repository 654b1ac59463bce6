export { type ModelError, showModelError } from './error.js';
export {
  type GemmaConfig,
  type GemmaExpert,
  type GemmaExperts,
  type GemmaVariant,
  gemmaVariants,
  paligemmaVocabSize,
} from './gemma/config.js';
export { embedTokens, type GemmaOutput, type GemmaPass, gemma } from './gemma/gemma.js';
export type { KeysValues } from './gemma/layer.js';
export { gemmaSpecs } from './gemma/specs.js';
export { type Params, paramAt, paramsBelow } from './params/at.js';
export { initFromSpecs } from './params/init.js';
export { type Initializer, ParamSpec, type ParamSpecs, typesOf } from './params/spec.js';
export { checkPi0Config } from './pi0/check.js';
export { type Pi0Config, pi0Config, pi0Experts } from './pi0/config.js';
export { embedPrefix, embedSuffix, embedSuffixAt, type ImageTokens } from './pi0/embed.js';
export { computeLoss, type Flow, predictFlow, velocityOf } from './pi0/flow.js';
export { type Layout, layoutAfter, layoutOf, type TokenBlock } from './pi0/layout.js';
export { actionType, batchTypes, type Observation, observationTypes, type Pi0Batch } from './pi0/observation.js';
export { initParams, paramTypes, pi0Specs } from './pi0/params.js';
export { sampleActions } from './pi0/sample.js';
