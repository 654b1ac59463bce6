import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from './error.js';

/** Anything a JSON file can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object: neither an array nor null. */
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Line of the character that a JSON error message points at; 1 where it names none. */
const lineOf = (text: string, cause: string): number => {
  const position = /position (\d+)/.exec(cause)?.[1];
  const end = position === undefined ? (cause.includes('end of JSON') ? text.length : 0) : Number(position);
  return text.slice(0, end).split('\n').length;
};

/** Parses one JSON document. */
export const parseJson = (file: string, text: string): E.Either<DataError, Json> => {
  return E.tryCatch(
    (): Json => JSON.parse(text),
    (thrown): DataError => {
      const cause = thrown instanceof Error ? thrown.message : String(thrown);
      return { _tag: 'MalformedJson', file, line: lineOf(text, cause), cause };
    },
  );
};

/** One value of a JSON-lines file with its one-based line. */
export type JsonLine = {
  readonly line: number;
  readonly value: Json;
};

/** Parses a JSON-lines file; blank lines are skipped, as every writer of them allows. */
export const parseJsonLines = (file: string, text: string): E.Either<DataError, readonly JsonLine[]> => {
  const parsed: JsonLine[] = [];
  for (const [i, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const value = parseJson(file, row);
    if (E.isLeft(value)) {
      return E.left(value.left._tag === 'MalformedJson' ? { ...value.left, line: i + 1 } : value.left);
    }
    parsed.push({ line: i + 1, value: value.right });
  }
  return E.right(parsed);
};
