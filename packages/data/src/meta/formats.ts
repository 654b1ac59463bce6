import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import type { JsonObject } from '../json.js';
import { decode, type Source, text } from './field.js';
import type { DatasetFormat } from './format.js';
import { v2 } from './v2.js';
import { v3 } from './v3.js';

const formats: readonly DatasetFormat[] = [v2, v3];

const versionSchema = z.object({ codebase_version: text });

/** Chooses the format by `codebase_version`. */
export const formatOf = (source: Source, object: JsonObject): E.Either<DataError, DatasetFormat> =>
  pipe(
    decode(source, versionSchema, object),
    E.flatMap(({ codebase_version: found }) => {
      const known = formats.flatMap(({ versions }) => versions);
      const unknown: DataError = { _tag: 'UnknownVersion', file: source.file, found, known };
      return E.fromNullable(unknown)(formats.find(({ versions }) => versions.includes(found)));
    }),
  );
