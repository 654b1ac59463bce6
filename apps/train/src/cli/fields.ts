import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import { parseBytes } from './bytes.js';

/** What help and completion know of a field besides its schema. */
export type FieldMeta = {
  readonly description: string;
  readonly placeholder?: string;
  /** The field that it excludes. */
  readonly conflicts?: string;
};

/** The flag of a field: `--batch-size` of `batchSize`. */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const orNull = <A>(value: A | undefined): A | null => value ?? null;

/** A flag with a text; `null` where it is not given. */
export const text = (placeholder: string, description: string) =>
  z.string().min(1).meta({ description, placeholder }).optional().transform(orNull);

const parsedSize = (text: string, context: z.RefinementCtx): number => {
  const bytes = parseBytes(text);
  if (E.isRight(bytes)) return bytes.right;
  context.addIssue({ code: 'custom', message: `a size, such as 80GB or 79.6GiB; received ${JSON.stringify(text)}` });
  return z.NEVER;
};

/** A flag with a number of bytes, such as 80GB; `null` where it is not given. */
export const size = (description: string) =>
  z.string().meta({ description, placeholder: 'size' }).transform(parsedSize).optional().transform(orNull);

/** A flag with a whole number above 0. */
export const count = (description: string) =>
  z.string().meta({ description, placeholder: 'n' }).transform(Number).pipe(z.int().min(1)).optional();

/** A flag with one of some words; `null` where it is not given. */
export const choice = <const A extends readonly [string, ...string[]]>(
  placeholder: string,
  words: A,
  description: string,
) => z.enum(words).meta({ description, placeholder }).optional().transform(orNull);

/** A flag with one of some words, one of which stands where it is not given. */
export const choiceOr = <const A extends readonly [string, ...string[]]>(
  otherwise: A[number],
  placeholder: string,
  words: A,
  description: string,
) => z.enum(words).default(otherwise).meta({ description, placeholder });

/** A flag that may be given many times. */
export const repeated = (placeholder: string, description: string) =>
  z.array(z.string().min(1)).default([]).meta({ description, placeholder });

/** A flag without a value. */
export const toggle = (description: string, more: Partial<FieldMeta> = {}) =>
  z
    .boolean()
    .default(false)
    .meta({ description, ...more });
