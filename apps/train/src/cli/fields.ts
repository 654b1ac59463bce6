import * as z from 'zod';

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
