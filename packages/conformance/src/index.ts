export { type GoldenError, showGoldenError } from './golden/error.js';
export { type GoldenFiles, goldenFiles } from './golden/files.js';
export { type Case, example, inputsOf } from './suite/case.js';
export { type CaseFailure, checkCase, showCaseFailure } from './suite/check.js';
export {
  type DeclaredDeviation,
  declaredDeviations,
  type KnownDeviation,
  knownDeviations,
} from './suite/deviations.js';
export { executeOn } from './suite/execute.js';
export { gradientCases } from './suite/gradients/primitives.js';
export { primitiveCases } from './suite/primitives/catalogue.js';
export { normals } from './suite/source.js';
export { type Entry, type GroupName, suite } from './suite/suite.js';
export { anyProgram, sumOf } from './suite/tolerance.js';
export { allNodes, unsupportedDType } from './suite/unsupported.js';
