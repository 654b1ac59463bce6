export { exactTensor, shape, smallNumber } from './arbitrary.js';
export { differentiableLaws, type UnaryFunction } from './differentiable.js';
export { type FlowMatchingLoss, flowMatchingLaws, type VelocityBatch, velocityBatch } from './flow-matching.js';
export { type FlowMatchingPath, flowMatchingPathLaws, type PathBatch, pathBatch } from './flow-matching-path.js';
export {
  gradientTransformationLaws,
  type Transformation,
  type TransformationLawOptions,
} from './gradient-transformation.js';
export { type AsyncLaw, type Law, type LawOptions, type RegisterTest, runLaws } from './law.js';
export { type MaskedLoss, maskedLossLaws, type TokenBatch, tokenBatch } from './masked-loss.js';
export { commutativeMonoidLaws, type MonoidReducer, monoidLaws, type StateText, savedReducerLaws } from './monoid.js';
export {
  compute,
  computeTree,
  ExactTensor,
  type Expressions,
  type FunctionOf,
  type Nested,
  numbersOf,
  type Tensors,
  tensor,
} from './numbers.js';
export { cook, type IngredientName, type Recipe, type RecipeOptions, recipe, recipeShape } from './recipe.js';
export {
  type ResumableTrainer,
  type ResumptionLawOptions,
  type RunPart,
  resumptionLaws,
  type TrainingLine,
} from './resumption.js';
export { type Schedule, scheduleLaws } from './schedule.js';
export {
  averagingLaws,
  clippingLaws,
  evaluationLaws,
  learningRateLaws,
  type TrainedRun,
  type TrainedUpdate,
  type Trainer,
  type TrainingNumbers,
  type TrainingWish,
  trainingLaws,
} from './training.js';
