import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { SafetensorsDType } from './dtype.js';
import { isDType } from './dtype.js';
import { duplicateKey } from './duplicate-key.js';
import type { SafetensorsError } from './error.js';
import { isWellFormed, metadataKey, tensorName } from './name.js';
import { nestsDeeper } from './nesting.js';
import { isCount } from './tensor.js';

/** A tensor as the header declares it: offsets count from the end of the header. */
export type HeaderEntry = {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/** The parsed header: entries in the order of the text. */
export type Header = {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
};

type JsonObject = Readonly<Record<string, unknown>>;

// A whole header needs three: the object, a tensor, its shape.
const depthLimit = 8;

const fields: readonly string[] = ['dtype', 'shape', 'data_offsets'];

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);

const badEntry = (name: string, field: string, expected: string): E.Either<SafetensorsError, never> =>
  E.left({ _tag: 'BadEntry', name, field, expected });

const notJson = (reason: string): SafetensorsError => ({ _tag: 'HeaderNotJson', reason });

const textOf = (bytes: Uint8Array): E.Either<SafetensorsError, string> =>
  E.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    () => notJson('it is not UTF-8'),
  );

const parse = (text: string): E.Either<SafetensorsError, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => notJson(cause instanceof Error ? cause.message : String(cause)),
  );

const objectOf = (text: string): E.Either<SafetensorsError, JsonObject> => {
  if (!text.startsWith('{')) return E.left(notJson("expected '{' as its first byte"));
  if (nestsDeeper(text, depthLimit)) return E.left(notJson(`brackets nest deeper than ${depthLimit}`));
  const parsed = parse(text);
  if (E.isLeft(parsed)) return parsed;
  const key = duplicateKey(text);
  if (key !== undefined) return E.left({ _tag: 'DuplicateKey', key });
  return isObject(parsed.right) ? E.right(parsed.right) : E.left(notJson('expected an object'));
};

const metadataOf = (value: unknown): E.Either<SafetensorsError, Record<string, string>> => {
  if (!isObject(value)) return badEntry(metadataKey, '', 'an object of strings');
  const out: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string' || !isWellFormed(key + text)) return badEntry(metadataKey, key, 'a UTF-8 string');
    out.push([key, text]);
  }
  return E.right(Object.fromEntries(out));
};

const entryOf = (name: string, value: unknown): E.Either<SafetensorsError, HeaderEntry> => {
  if (!isObject(value)) return badEntry(name, '', 'an object with dtype, shape and data_offsets');
  const extra = Object.keys(value).find((key) => !fields.includes(key));
  if (extra !== undefined) return badEntry(name, extra, 'absent: expected dtype, shape and data_offsets only');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') return badEntry(name, 'dtype', 'a string');
  if (!isDType(dtype)) return E.left({ _tag: 'UnknownDType', name, dtype });
  if (!isCounts(shape)) return badEntry(name, 'shape', 'an array of integers from 0 to 2^53 - 1');
  if (!isCounts(offsets) || offsets.length !== 2)
    return badEntry(name, 'data_offsets', 'two integers from 0 to 2^53 - 1');
  const [begin = 0, end = 0] = offsets;
  return E.right({ name, dtype, shape, begin, end });
};

const headerOf = (object: JsonObject): E.Either<SafetensorsError, Header> => {
  const { [metadataKey]: rawMetadata, ...rest } = object;
  const metadata = metadataOf(rawMetadata === undefined ? {} : rawMetadata);
  if (E.isLeft(metadata)) return metadata;
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(rest)) {
    const entry = pipe(
      tensorName(name),
      E.flatMap((valid) => entryOf(valid, value)),
    );
    if (E.isLeft(entry)) return entry;
    entries.push(entry.right);
  }
  return E.right({ entries, metadata: metadata.right });
};

/** The header's declarations, checked for form; whether they fit the data is the decoder's question. */
export const parseHeader = (bytes: Uint8Array): E.Either<SafetensorsError, Header> =>
  pipe(textOf(bytes), E.flatMap(objectOf), E.flatMap(headerOf));
