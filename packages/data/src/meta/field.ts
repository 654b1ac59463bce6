import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import type { Json } from '../json.js';

/** Where an object was read, for messages. */
export type Source = {
  readonly file: string;
  readonly line?: number;
  /** Of a parquet table. */
  readonly row?: number;
};

const show = (value: unknown): string => {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** The error of one field that is not what it should be. */
export const invalid = (source: Source, field: string, expected: string, found: unknown): DataError => ({
  _tag: 'InvalidField',
  ...source,
  field,
  expected,
  found: show(found),
});

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key) ? Reflect.get(found, key) : undefined,
    value,
  );

/** A list is named as a whole: its schema says what all of it should be. */
const named = (path: readonly PropertyKey[]): readonly PropertyKey[] => {
  const item = path.findIndex((key) => typeof key === 'number');
  return item < 0 ? path : path.slice(0, item);
};

/**
 * A value as a schema takes it. Every part of the schema says in its message what it expects.
 *
 * @param within - keys that lead to the value, for messages.
 * @errors `InvalidField` of the first field that is not what it should be.
 */
export const decode = <A>(
  source: Source,
  schema: z.ZodType<A>,
  value: Json | undefined,
  within: readonly string[] = [],
): E.Either<DataError, A> => {
  const decoded = schema.safeParse(value);
  if (decoded.success) return E.right(decoded.data);
  const [issue] = decoded.error.issues;
  const path = named(issue?.path ?? []);
  const whole = source.line === undefined ? '(whole file)' : '(whole line)';
  const field = [...within, ...path].map(String).join('.') || whole;
  return E.left(invalid(source, field, issue?.message ?? 'as LeRobot writes it', at(value, path)));
};

const countWords = 'a whole number, 0 or more';

/** A whole number, 0 or more. */
export const count = z.int(countWords).min(0, countWords);

const atLeastOneWords = 'a whole number, 1 or more';

/** A whole number, 1 or more. */
export const atLeastOne = z.int(atLeastOneWords).min(1, atLeastOneWords);

const positiveWords = 'a number above 0';

/** A number above 0. */
export const positive = z.number(positiveWords).positive(positiveWords);

const secondsWords = 'seconds, 0 or more';

/** A time from the beginning, in seconds. */
export const seconds = z.number(secondsWords).min(0, secondsWords);

/** A text. */
export const text = z.string('a text');

/** A text or null; null where it is absent. */
export const textOrNull = z.string('a text or null').nullable().default(null);

/** A list of texts. */
export const texts = z.array(z.string('a list of texts'), 'a list of texts').readonly();

const countsWords = 'a list of whole numbers, 0 or more';

/** A list of whole numbers, 0 or more. */
export const counts = z.array(z.int(countsWords).min(0, countsWords), countsWords).readonly();
