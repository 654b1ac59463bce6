import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { MetaFiles } from './format.js';

/** The text of a metadata file, which must be UTF-8: a replaced character would be another prompt. */
export const textOf = (path: string, files: MetaFiles): E.Either<DataError, string> =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(files.get(path)),
    (): DataError => ({ _tag: 'NotUtf8', file: path }),
  );
