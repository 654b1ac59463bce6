export { attention } from './attention.js';
export { type FeedForwardParams, gatedGelu } from './feed-forward.js';
export { type LinearParams, linear, project } from './linear.js';
export { makeAttnMask, maskBias, positionsOf } from './mask.js';
export { adaptiveNorm, gatedResidual, gemmaNorm, type Normed } from './norm.js';
export { posembSincos } from './posemb.js';
export { wideDType } from './precision.js';
export { type RopeTable, rope, ropeTable } from './rope.js';
