export {
  type FlowMatchingInputs,
  flowMatching,
  flowMatchingInputs,
  flowMatchingLoss,
  flowMatchingLossRealDims,
  flowMatchingLossRealSteps,
  interpolate,
} from './flow-matching.js';
export { maskedTokenCrossEntropy, type NextTokens, nextTokens, tokenAccuracy } from './tokens.js';
