import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { alohaRules } from './aloha.js';
import { armRules } from './arm.js';
import type { DataDict } from './array.js';
import type { TransformError } from './error.js';
import { keyRules } from './keys.js';
import { resizeRules } from './resize-images.js';
import type { Rules } from './rule.js';
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
  tokenizers: Tokenizers,
): E.Either<TransformError, DataDict> => rules[kind](transform, dict, tokenizers);

/**
 * A sample after transforms, from the first to the last. The sample itself is left as it is.
 *
 * Given one sample: arrays without a batch axis, under the keys that the first transform expects.
 *
 * @param tokenizers - those that the transforms use.
 * @errors the first refusal: `MissingKey`, `WrongCamera`, `WrongValue`, `ImageOutOfRange`, `NoPrompt`, `UnknownTaskIndex`,
 * `NoTokenizer`, `TokenizerRefused`, `Refused`.
 * @law of a list is the composition of its parts; of the empty list, the identity.
 * @source openpi `transforms.py` `compose` (15a9616)
 */
export const applyTransforms =
  (transforms: readonly Transform[], tokenizers: Tokenizers = {}) =>
  (dict: DataDict): E.Either<TransformError, DataDict> =>
    transforms.reduce<E.Either<TransformError, DataDict>>(
      // The kind of a transform is that of its rule.
      (out, transform) =>
        E.flatMap((found: DataDict) => applyOne(transform as never, transform.kind, found, tokenizers))(out),
      E.right(dict),
    );

/**
 * The transform that undoes another; none where something is lost, such as a picture's size or the entries that are dropped.
 *
 * @law applied after the transform it gives the sample back, up to rounding.
 */
export const inverseTransform = (transform: Transform): O.Option<Transform> => {
  switch (transform.kind) {
    case 'DeltaActions':
      return O.some({ ...transform, kind: 'AbsoluteActions' });
    case 'AbsoluteActions':
      return O.some({ ...transform, kind: 'DeltaActions' });
    case 'Normalize':
      return O.some({ ...transform, kind: 'Unnormalize' });
    case 'Unnormalize':
      return O.some({ ...transform, kind: 'Normalize' });
    default:
      return O.none;
  }
};
