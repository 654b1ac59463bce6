export {
  type EvaluationRows,
  evaluationBatch,
  evaluationRows,
  modelSpaceOf,
  type PreparedBatch,
  policySource,
  type SampleSource,
  type SpaceSettings,
  sourceOf,
  trainingBatch,
} from './batches/batches.js';
export { drawAugmentation, gatherCameras, probeCameras } from './batches/pictures.js';
export {
  drawFlow,
  drawFlowEach,
  evaluateKey,
  initKey,
  sampleKey,
  shuffleSeed,
  splitSeed,
  trainKey,
} from './batches/streams.js';
export type { CameraGuess } from './dataset/camera-names.js';
export { type CameraError, type CameraSettings, checkCameras, showCameraError } from './dataset/cameras.js';
export { episodeId } from './dataset/episode-id.js';
export { type ChunkSettings, type FitData, fitCodec, trainingChunks } from './dataset/fit-codec.js';
export { type JudgedData, judgedData } from './dataset/judged-data.js';
export { checkSequences, type PreflightSettings } from './dataset/preflight.js';
export { type RunSequenceSettings, type RunSequences, runSequences } from './dataset/run-sequences.js';
export { type DataSettings, type KeptData, prepareData, splitOf, type TrainingData } from './dataset/training-data.js';
export { showTrainingError, type TrainingError } from './error.js';
export {
  type HeldOutBatch,
  type HeldOutLosses,
  type HeldOutMeans,
  type HeldOutSource,
  heldOutLine,
  heldOutLosses,
  heldOutMeans,
} from './evaluation/held-out-loss.js';
export { type HeldOutWindows, heldOutSource, type Sampled, sampleHeldOut } from './evaluation/held-out-windows.js';
export { evaluationLine, type Outcome, outcomeOf, type PolicyEvaluation } from './evaluation/outcome.js';
export { jointsOf, type ScoringInputs, scoreMethods, trainingMeanChunk } from './evaluation/scoring.js';
export { lossNumbers, outcomeNotices, shownWindows, showOutcome } from './evaluation/show-outcome.js';
export { type IgnorableSetting, ignorableSettings, type ReadSettings } from './ignored-settings.js';
export type { NonFinite } from './loop/advance.js';
export { decodeHostState, encodeHostState, firstHostState, type HostState } from './loop/host-state.js';
export type { Ending, Intervals, Limits } from './loop/intervals.js';
export { type Ended, type LoopEnv, type TrainingEvent, type TrainState, trainLoop, type Updated } from './loop/loop.js';
export type { Progress } from './loop/progress.js';
export { type Objective, objective, type PolicyObjective, policyObjective } from './objective.js';
export { admitUpdate, fittingUpdate, type RunPlace } from './plan/admit.js';
export { type PlanError, type PlanPlace, type PlanSettings, plannedUpdate, sharingMesh } from './plan/planned.js';
export {
  compileJudging,
  compileTraining,
  type JudgingPrograms,
  type PolicyRun,
  type PolicyRunSettings,
  policyEvaluation,
  policyModel,
  recipeParams,
  updateSettings,
} from './policy-run.js';
export { beginRun, type Run, resumeRun, type TrainOptions, train, trainRun, type World } from './run.js';
export { type Resumed, type Retention, restoredState, resumeState, saveState } from './saving/checkpoints.js';
export {
  datasetId,
  datasetIdentity,
  manifestOf,
  normalizationOf,
  type RunIdentity,
  splitHash,
} from './saving/identity.js';
export { architectureOf } from './saving/saved-state.js';
export {
  compileLoss,
  compileUpdate,
  type Effect,
  type LossPrograms,
  recipeOn,
  type UpdatePrograms,
} from './update/compile.js';
export { type FrozenDtype, type FrozenStorage, nothingFrozen } from './update/frozen.js';
export { type DrawParams, type Init, type Started, startingFrom } from './update/initial.js';
export { learningRate, lrScheduleSchema, type ScheduleSettings } from './update/learning-rate.js';
export { ignoredBySgd, type OptimizerSettings, optimizerOf, optimizerSchema } from './update/optimizer.js';
export {
  actingParams,
  type FirstProgram,
  firstProgram,
  type LearnedState,
  type LossProgram,
  lossProgram,
  type UpdateBatch,
  type UpdateMetrics,
  type UpdateProgram,
  updateProgram,
} from './update/program.js';
export {
  type Recipe,
  type RecipeParams,
  recipeOf,
  trainedPart,
  type UpdateSettings,
} from './update/recipe.js';
export { firstState } from './update/state.js';
export { type StepInputs, type StepOutputs, type StepResult, stepOnDevice } from './update/step.js';
export {
  type DataPlace,
  type DataSource,
  type FetchedBatch,
  prefetching,
  type TrainingBatch,
  type Updates,
  updater,
} from './update/updater.js';
