import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { Json, JsonObject } from '../json.js';

/** Where an object was read, for messages. */
export type Source = {
  readonly file: string;
  readonly line?: number;
};

const show = (value: Json | undefined): string => {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** The error of one field that is not what it should be. */
export const invalid = (source: Source, field: string, expected: string, found: Json | undefined): DataError => ({
  _tag: 'InvalidField',
  ...source,
  field,
  expected,
  found: show(found),
});

/** A check of one field, with the words for what it expects. */
export type Check<A extends Json> = {
  readonly expected: string;
  readonly is: (value: Json | undefined) => value is A;
};

/** Reads one field of an object. */
export const field = <A extends Json>(
  source: Source,
  object: JsonObject,
  name: string,
  check: Check<A>,
): E.Either<DataError, A> => {
  const value = object[name];
  return check.is(value) ? E.right(value) : E.left(invalid(source, name, check.expected, value));
};

export const count: Check<number> = {
  expected: 'a whole number, 0 or more',
  is: (value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0,
};

export const atLeastOne: Check<number> = {
  expected: 'a whole number, 1 or more',
  is: (value): value is number => count.is(value) && value >= 1,
};

export const positive: Check<number> = {
  expected: 'a number above 0',
  is: (value): value is number => typeof value === 'number' && value > 0 && Number.isFinite(value),
};

export const text: Check<string> = {
  expected: 'a text',
  is: (value): value is string => typeof value === 'string',
};

export const textOrNull: Check<string | null> = {
  expected: 'a text or null',
  is: (value): value is string | null => value === null || typeof value === 'string',
};

export const texts: Check<readonly string[]> = {
  expected: 'a list of texts',
  is: (value): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

export const counts: Check<readonly number[]> = {
  expected: 'a list of whole numbers, 0 or more',
  is: (value): value is readonly number[] => Array.isArray(value) && value.every(count.is),
};
