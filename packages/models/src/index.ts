export { type ModelError, showModelError } from './error.js';
export { fsqActions, fsqLatents } from './fsq/attention.js';
export { checkFsqConfig, type FsqConfig } from './fsq/config.js';
export { type FsqChunk, type FsqError, type FsqNetwork, fsqNetwork } from './fsq/network.js';
export { type FsqParams, fsqParamTypes } from './fsq/params.js';
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
export { type GemmaInit, gemmaSpecs } from './gemma/specs.js';
export {
  type AugmentationInputs,
  augmentationTypes,
  augmentImages,
  type CameraImages,
  isWristCamera,
} from './images/augment.js';
export { augmentationInputs } from './images/draw.js';
export { cropAndRotate, type GeometryInputs } from './images/geometry.js';
export { type JitterForm, type JitterInputs, jitterColors } from './images/jitter.js';
export { checkImages, preprocessImages } from './images/preprocess.js';
export { type ImageSize, type PixelRange, resizeWithPad } from './images/resize.js';
export type { Adapter } from './lora/adapters.js';
export { type GemmaLora, type LoraConfig, type LoraForm, loraScaling } from './lora/config.js';
export { type FreezeFilter, freezeFilter, type PolicyExperts } from './lora/freeze.js';
export { mergeLora, policyAdapters, withoutLora } from './lora/merge.js';
export {
  type FastObservation,
  fastObservationTypes,
  type Observation,
  type ObservationConfig,
  observationTypes,
} from './observation.js';
export { type Params, paramAt, paramsBelow } from './params/at.js';
export { type InitOptions, initFromSpecs } from './params/init.js';
export { type Initializer, ParamSpec, type ParamSpecs, typesOf } from './params/spec.js';
export { storedTypes, storeFrozen } from './params/stored.js';
export { checkPi0Config } from './pi0/check.js';
export { openpiCameras, openpiImageSize, type Pi0Config, pi0Config, pi0Experts, pi05Config } from './pi0/config.js';
export { embedPrefix, embedSuffix, embedSuffixAt, type SuffixBlock } from './pi0/embed.js';
export { computeLoss, type Flow, predictFlow, velocityOf } from './pi0/flow.js';
export { type Layout, layoutAfter, layoutOf, type TokenBlock } from './pi0/layout.js';
export { actionType, batchTypes, type Pi0Batch } from './pi0/observation.js';
export { initParams, paramTypes, pi0Specs } from './pi0/params.js';
export { sampleActions } from './pi0/sample.js';
export { checkPi0FastConfig } from './pi0-fast/check.js';
export { drawToken, greedy } from './pi0-fast/choose.js';
export { openpiFastCameras, type Pi0FastConfig, pi0FastConfig, pi0FastExperts } from './pi0-fast/config.js';
export { decodeSteps } from './pi0-fast/decode.js';
export { embedInputs, type TokenSequence } from './pi0-fast/embed.js';
export { tokenLogits } from './pi0-fast/logits.js';
export { computeFastAccuracy, computeFastLoss } from './pi0-fast/loss.js';
export { initPi0FastParams, pi0FastParamTypes, pi0FastSpecs } from './pi0-fast/params.js';
export { type Prediction, predictLogits, predictTokens } from './pi0-fast/predict.js';
export { alignRight, type Prefix, prefillDecoding } from './pi0-fast/prefill.js';
export { type PrefillInputs, prefillProgram, type StepsInputs, stepsProgram } from './pi0-fast/programs.js';
export { type SampledTokens, sampleTokens } from './pi0-fast/sample.js';
export { type DecodeOptions, type DecodeState, type Decoding, decodeStateTypes, eosToken } from './pi0-fast/state.js';
export { type CameraConfig, embedImages, type ImageTokens } from './siglip/cameras.js';
export { type SiglipConfig, siglipSizes, siglipVariant, so400m14 } from './siglip/config.js';
export { type SiglipOptions, siglip } from './siglip/siglip.js';
export { siglipSpecs } from './siglip/specs.js';
