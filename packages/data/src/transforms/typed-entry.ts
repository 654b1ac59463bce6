import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataDict, NdArray } from './array.js';
import { arrayOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';

const asked = 'The batch';

const elementsAt = <A>(
  dict: DataDict,
  key: string,
  expected: string,
  read: (data: NdArray['data']) => A | undefined,
): E.Either<TransformError, A> =>
  pipe(
    arrayOf(asked, dict, key),
    E.flatMap((array) => {
      const data = read(array.data);
      return data === undefined ? E.left(wrongValue(asked, key, expected, array)) : E.right(data);
    }),
  );

/** The real numbers of an entry in the precision of models. @errors `MissingKey`, `WrongValue`. */
export const float32At = (dict: DataDict, key: string): E.Either<TransformError, Float32Array> =>
  elementsAt(dict, key, 'real numbers', (data) => {
    if (data instanceof Float32Array) return data;
    return data instanceof Float64Array ? new Float32Array(data) : undefined;
  });

/** The whole numbers of an entry. @errors `MissingKey`, `WrongValue`. */
export const int32At = (dict: DataDict, key: string): E.Either<TransformError, Int32Array> =>
  elementsAt(dict, key, 'whole numbers', (data) => (data instanceof Int32Array ? data : undefined));

/** The bytes or bools of an entry. @errors `MissingKey`, `WrongValue`. */
export const bytesAt = (dict: DataDict, key: string): E.Either<TransformError, Uint8Array> =>
  elementsAt(dict, key, 'bytes or bools', (data) => (data instanceof Uint8Array ? data : undefined));
