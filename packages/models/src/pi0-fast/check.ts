import { isFloat } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';
import { refuseCount, refuseGemma } from '../gemma/check.js';
import { refuseCameras } from '../siglip/check.js';
import type { Pi0FastConfig } from './config.js';

const counts = ['actionDim', 'actionHorizon', 'maxTokenLen', 'vocabSize'] as const;
const dtypes = ['paramDtype', 'computeDtype'] as const;
const tableInits: ReadonlySet<string> = new Set(['normal', 'zeros']);

/** A sequence of one token predicts nothing, and one without an end of sequence never ends. */
const refuseTokens = ({
  maxTokenLen,
  vocabSize,
  lossTokens,
  logitsAtOnce = 1,
}: Pi0FastConfig): readonly ModelError[] => [
  ...(maxTokenLen === 1 ? [modelError('maxTokenLen', 'must be at least 2, or no token is predicted, got 1')] : []),
  ...(vocabSize === 1
    ? [modelError('vocabSize', 'must be at least 2, so that the end of sequence, 1, is a token')]
    : []),
  ...(lossTokens === undefined ? [] : refuseCount('lossTokens', lossTokens)),
  ...refuseCount('logitsAtOnce', logitsAtOnce),
  ...(lossTokens !== undefined && lossTokens > maxTokenLen - 1
    ? [modelError('lossTokens', `must be at most maxTokenLen − 1, ${maxTokenLen - 1}, got ${lossTokens}`)]
    : []),
];

/**
 * A configuration that a π0-FAST policy can be built from.
 *
 * @errors `BadModelConfig`, all of them: a size that is not a positive integer, heads that do not divide, a camera named
 * twice, images that patches do not fill, fewer than two tokens, more predicted tokens than there are, a dtype that is
 * not floating-point.
 */
export const checkPi0FastConfig = (config: Pi0FastConfig): E.Either<readonly ModelError[], Pi0FastConfig> => {
  const { paligemma, tableInit = 'normal' } = config;
  const errors = [
    ...counts.flatMap((name) => refuseCount(name, config[name])),
    ...refuseGemma('paligemma', paligemma),
    ...refuseTokens(config),
    ...refuseCameras(config),
    ...dtypes.flatMap((name) =>
      isFloat(config[name]) ? [] : [modelError(name, `must be a floating-point dtype, got ${config[name]}`)],
    ),
    ...(tableInits.has(tableInit) ? [] : [modelError('tableInit', `must be 'normal' or 'zeros', got '${tableInit}'`)]),
  ];
  return errors.length === 0 ? E.right(config) : E.left(errors);
};
