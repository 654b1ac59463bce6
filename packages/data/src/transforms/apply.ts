import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { alohaRules } from './aloha.js';
import { armRules } from './arm.js';
import type { DataDict, SampleDict } from './array.js';
import { batchSize, expand, squeeze } from './batch-dict.js';
import type { TransformError } from './error.js';
import { keyRules } from './keys.js';
import { resizeRules } from './resize-images.js';
import type { Given, Rules } from './rule.js';
import { tokenizeRules } from './tokenize.js';
import type { Tokenizers } from './tokenizers.js';
import type { Transform } from './transform.js';
import { vectorRules } from './vectors.js';

const rules: Rules<Transform['kind']> = {
  ...keyRules,
  ...vectorRules,
  ...alohaRules,
  ...armRules,
  ...resizeRules,
  ...tokenizeRules,
};

const applyOne = <Kind extends Transform['kind']>(
  transform: Extract<Transform, { readonly kind: Kind }>,
  kind: Kind,
  dict: DataDict,
  given: Given,
): E.Either<TransformError, DataDict> => rules[kind](transform, dict, given);

const applyAll = (transforms: readonly Transform[], given: Given, dict: DataDict): E.Either<TransformError, DataDict> =>
  transforms.reduce<E.Either<TransformError, DataDict>>(
    // The kind of a transform is that of its rule.
    (out, transform) => E.flatMap((found: DataDict) => applyOne(transform as never, transform.kind, found, given))(out),
    E.right(dict),
  );

/**
 * A batch after transforms, from the first to the last. The batch itself is left as it is; entries that no transform
 * changes are shared with it.
 *
 * Given `b` samples: arrays `[b, …]` and `b` texts, under the keys that the first transform expects.
 *
 * @param tokenizers - those that the transforms use.
 * @errors the first refusal: `MissingKey`, `WrongCamera`, `WrongValue`, `ImageOutOfRange`, `NoPrompt`, `UnknownTaskIndex`,
 * `NoTokenizer`, `TokenizerRefused`, `Refused`. `WrongValue` when entries are of different numbers of samples.
 * @law of a list is the composition of its parts; of the empty list, the identity; each sample for itself: of a batch of n
 * samples, what n batches of one give.
 * @source openpi `transforms.py` `compose` (15a9616), which knows one sample at a time
 */
export const applyTransforms =
  (transforms: readonly Transform[], tokenizers: Tokenizers = {}) =>
  (batch: DataDict): E.Either<TransformError, DataDict> =>
    pipe(
      batchSize(batch),
      E.flatMap((b) => applyAll(transforms, { b, tokenizers }, batch)),
    );

/**
 * One sample after transforms: `applyTransforms` of a batch of one.
 *
 * Given arrays without a batch axis, and texts.
 *
 * @errors as `applyTransforms`.
 * @source openpi `transforms.py` `compose` (15a9616)
 */
export const transformSample =
  (transforms: readonly Transform[], tokenizers: Tokenizers = {}) =>
  (sample: SampleDict): E.Either<TransformError, SampleDict> =>
    E.map(squeeze)(applyAll(transforms, { b: 1, tokenizers }, expand(sample)));

/**
 * The transform that undoes another; none where something is lost, such as a picture's size or the entries that are dropped.
 *
 * @law applied after the transform it gives the batch back, up to rounding.
 */
export const inverseTransform = (transform: Transform): O.Option<Transform> => {
  switch (transform.kind) {
    case 'DeltaActions':
      return O.some({ ...transform, kind: 'AbsoluteActions' });
    case 'AbsoluteActions':
      return O.some({ ...transform, kind: 'DeltaActions' });
    case 'AlohaToPi':
      // A state that is out of the crank's reach does not come back.
      return transform.key === 'actions' ? O.some({ kind: 'AlohaFromPi' }) : O.none;
    case 'AlohaFromPi':
      return O.some({ kind: 'AlohaToPi', key: 'actions' });
    case 'Normalize':
      return O.some({ ...transform, kind: 'Unnormalize' });
    case 'Unnormalize':
      return O.some({ ...transform, kind: 'Normalize' });
    default:
      return O.none;
  }
};
