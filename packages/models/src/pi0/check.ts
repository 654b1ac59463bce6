import { isFloat } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';
import { refuseCount, refuseGemma, refuseUnequal } from '../gemma/check.js';
import { refuseCameras } from '../siglip/check.js';
import type { Pi0Config } from './config.js';

const counts = ['actionDim', 'actionHorizon', 'maxTokenLen', 'vocabSize'] as const;
const dtypes = ['paramDtype', 'computeDtype'] as const;

/**
 * A configuration that a π0 policy can be built from.
 *
 * @errors `BadModelConfig`, all of them: a size that is not a positive integer, heads that do not divide, experts that
 * cannot share attention, an odd width that the time embedding cannot fill, a camera named twice, images
 * that patches do not fill, a dtype that is not floating-point.
 */
export const checkPi0Config = (config: Pi0Config): E.Either<readonly ModelError[], Pi0Config> => {
  const { paligemma, actionExpert } = config;
  const errors = [
    ...counts.flatMap((name) => refuseCount(name, config[name])),
    ...refuseGemma('paligemma', paligemma),
    ...refuseGemma('actionExpert', actionExpert),
    ...refuseUnequal('actionExpert', actionExpert, 'paligemma', paligemma),
    ...(actionExpert.width % 2 === 0
      ? []
      : [modelError('actionExpert.width', `must be even for the time embedding, got ${actionExpert.width}`)]),
    ...refuseCameras(config),
    ...dtypes.flatMap((name) =>
      isFloat(config[name]) ? [] : [modelError(name, `must be a floating-point dtype, got ${config[name]}`)],
    ),
  ];
  return errors.length === 0 ? E.right(config) : E.left(errors);
};
