import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsError } from './error.js';

/** Key under which the header keeps free text; no tensor may have it. */
export const metadataKey = '__metadata__';

/** A tensor's name, refused when it is empty, reserved, or has no UTF-8 form. */
export const tensorName = (name: string): E.Either<SafetensorsError, string> => {
  if (name === '') return E.left({ _tag: 'BadName', name, reason: 'is empty' });
  if (name === metadataKey) return E.left({ _tag: 'BadName', name, reason: 'is reserved for metadata' });
  return isWellFormed(name)
    ? E.right(name)
    : E.left({ _tag: 'BadName', name, reason: 'has half of a surrogate pair and no UTF-8 form' });
};

/** Whether a text has no lone surrogate, so that UTF-8 gives it back unchanged. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
