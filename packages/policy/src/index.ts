export { compileProgram, type Effect, type ExecutableOf } from './device/compile.js';
export { type Placement, placementOn } from './device/placement.js';
export { hosted, onDevice, valued, withValues } from './device/run.js';
export {
  allOrNone,
  type DeviceEffect,
  getTree,
  type OnDevice,
  type OnHost,
  type PutOnDevice,
  putTree,
  releaseTree,
} from './device/transfer.js';
export {
  backendError,
  checkpointError,
  dataError,
  defect,
  type PolicyError,
  showPolicyError,
  tokenizerError,
  transformError,
} from './error.js';
export { convertPolicy, type PolicyConversion } from './exported/convert.js';
export { describeModel } from './families/describe.js';
export {
  families,
  familyNames,
  familyOf,
  type ModelSettings,
  modelSchema,
} from './families/families.js';
export type {
  ActionSequences,
  ActionTokenSettings,
  CommonSettings,
  Family,
  FamilySize,
  LossTerms,
  PolicyModel,
  TextSequences,
} from './families/family.js';
export { flowModel } from './families/flow.js';
export { type FreezeSettings, freezeSettings, frozenTableDtype } from './families/freeze.js';
export { type GemmaSettings, gemmaSchema } from './families/gemma.js';
export type { Immutable } from './families/immutable.js';
export type { LerobotModel, LerobotStep } from './families/lerobot.js';
export { pathPattern, wholePath } from './families/path-pattern.js';
export { isInconsistency, refuseSettings } from './families/refuse.js';
export { readStats } from './fs/statistics.js';
export { readCodec, readFastFiles, readTextTokenizer } from './fs/tokenizers.js';
export { type ActionCodec, codecOf } from './inputs/action-codec.js';
export {
  type ChunkStart,
  jointInputs,
  type ModelBatch,
  type ModelSpace,
  modelBatch,
  modelInputs,
  modelOutputs,
  normalizedInputs,
  recordedActions,
} from './inputs/model-space.js';
export { type AbsentCameras, observe, sentTypes, variedTypes, withBlack } from './inputs/observation.js';
export {
  type CameraBytes,
  type PictureSettings,
  type Pictures,
  picturesOf,
  showPictures,
  withoutAbsent,
} from './inputs/pictures.js';
export type { Picture, RobotObservation } from './inputs/robot-observation.js';
export {
  fastSequences,
  pi0Sequences,
  pi05Sequences,
  type SequenceEncoder,
  type SequenceTokens,
  sequenceTokens,
} from './inputs/sequences.js';
export type { ModelSizes } from './inputs/sizes.js';
export { type BatchInputs, type FlowDraw, observationTensors, type SeenInputs } from './inputs/tensors.js';
export {
  actionTokensOf,
  plannedVocabulary,
  type SequenceSettings,
  type Sequences,
  sequencesOf,
} from './inputs/tokenizers.js';
export {
  type ActingPolicy,
  type OpenPolicyOptions,
  openPolicy,
  type RobotActions,
} from './open-policy.js';
export { type DecodedChunk, type DecodingCounts, decodingCounts } from './sampling/decoded.js';
export { type SampleProgram, type SampleProgramOptions, sampleProgram } from './sampling/flow.js';
export type { SampleRequest } from './sampling/request.js';
export type { Chunks, Meaning, Sampler, SamplerOptions } from './sampling/sampler.js';
export { savedCodec, savedStats } from './saved/identity.js';
export {
  badPart,
  checkpointFiles,
  fastContents,
  type Put,
  putTensors,
  savedFast,
  storedDTypes,
} from './saved/tensors.js';
