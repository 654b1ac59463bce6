export {
  type FlowMatchingInputs,
  flowMatching,
  flowMatchingInputs,
  flowMatchingLoss,
  flowMatchingLossRealDims,
  interpolate,
} from './flowMatching.js';
export { maskedTokenCrossEntropy, type NextTokens, nextTokens, tokenAccuracy } from './tokens.js';
