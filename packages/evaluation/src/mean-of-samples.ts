import * as E from 'fp-ts/lib/Either.js';
import type { EvaluationError } from './error.js';

/**
 * Element-wise mean of several samples of the same chunks.
 *
 * @param samples - each `[n, ah, ad]` row-major.
 * @errors `NoSamples`, `WrongLength`.
 * @law the mean of one sample is that sample; its error against any record is at most the mean of the samples' errors.
 */
export const meanOfSamples = (samples: readonly ArrayLike<number>[]): E.Either<EvaluationError, Float64Array> => {
  const [first] = samples;
  if (first === undefined) return E.left({ _tag: 'NoSamples' });
  const wrong = samples.findIndex((sample) => sample.length !== first.length);
  const odd = samples[wrong];
  if (odd !== undefined) {
    return E.left({ _tag: 'WrongLength', what: `sample ${wrong}`, expected: first.length, actual: odd.length });
  }
  const mean = new Float64Array(first.length);
  for (const sample of samples) {
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (sample[i] ?? Number.NaN);
  }
  return E.right(mean.map((sum) => sum / samples.length));
};
