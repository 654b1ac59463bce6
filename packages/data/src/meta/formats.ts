import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import type { JsonObject } from '../json.js';
import { decode, type Source, text } from './field.js';
import type { DatasetFormat } from './format.js';
import { v21 } from './v21.js';

const versionSchema = z.object({ codebase_version: text });

/** Chooses the format by `codebase_version`. */
export const formatOf = (source: Source, object: JsonObject): E.Either<DataError, DatasetFormat> => {
  return pipe(
    decode(source, versionSchema, object),
    E.flatMap(({ codebase_version: found }): E.Either<DataError, DatasetFormat> => {
      if (found === v21.version) return E.right(v21);
      return E.left({ _tag: found === 'v3.0' ? 'VersionNotYetRead' : 'UnknownVersion', file: source.file, found });
    }),
  );
};
