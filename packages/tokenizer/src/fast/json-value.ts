import * as E from 'fp-ts/lib/Either.js';
import type { ActionTokenError } from './error.js';

/** A value of a JSON file with the place it came from, for messages. */
export type JsonValue = {
  readonly file: string;
  readonly path: string;
  readonly value: unknown;
};

type Read<A> = E.Either<ActionTokenError, A>;

/** A refusal of a JSON value: its place, and what was expected there. */
export const unexpected = ({ file, path }: JsonValue, expected: string): Read<never> =>
  E.left({ _tag: 'BadProcessor', file, path, expected });

/** Parses a JSON file. */
export const parseJson = (file: string, text: string): Read<JsonValue> =>
  E.tryCatch(
    () => ({ file, path: '', value: JSON.parse(text) }),
    (cause) => ({ _tag: 'BadProcessor', file, path: '', expected: `JSON (${String(cause)})` }),
  );

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of an object: `undefined` where the object lacks it; what is no object has none. */
export const member = ({ file, path, value }: JsonValue, key: string): JsonValue => ({
  file,
  path: path === '' ? key : `${path}.${key}`,
  value: isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined,
});

/** The members of an object in the order of the file. */
export const members = (json: JsonValue): Read<readonly (readonly [string, unknown])[]> =>
  isRecord(json.value) ? E.right(Object.entries(json.value)) : unexpected(json, 'an object');

/** The elements of an array. */
export const elements = (json: JsonValue): Read<readonly unknown[]> =>
  Array.isArray(json.value) ? E.right(json.value) : unexpected(json, 'an array');

/** A value that must be one of a few, `undefined` standing for an absent member. */
export const oneOf = (json: JsonValue, allowed: readonly unknown[], words: string): Read<null> =>
  allowed.includes(json.value) ? E.right(null) : unexpected(json, words);

/** An integer from `least` up to 2^31. */
export const integer = (json: JsonValue, least: number): Read<number> =>
  typeof json.value === 'number' && Number.isInteger(json.value) && json.value >= least && json.value < 2 ** 31
    ? E.right(json.value)
    : unexpected(json, `an integer from ${least}`);

/** As `integer`, or null where the member is null or absent. */
export const integerOrNull = (json: JsonValue, least: number): Read<number | null> =>
  json.value === null || json.value === undefined ? E.right(null) : integer(json, least);
