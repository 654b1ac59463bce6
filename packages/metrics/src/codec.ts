import * as O from 'fp-ts/lib/Option.js';
import * as z from 'zod';

/** How a state is written to a checkpoint and read back: a zod schema whose input is plain JSON and whose output the state. */
export type Codec<State> = z.ZodType<State, unknown>;

// JSON has one zero, no NaN and no infinities.
const asText: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** Any float64 as JSON: a number, or one of the texts "NaN", "Infinity", "-Infinity" and "-0". */
export const numberCodec: z.ZodType<number, number | string> = z.codec(
  z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', '-0'])]),
  z.custom<number>(),
  {
    decode: (value) => (typeof value === 'number' ? value : (asText.get(value) ?? Number.NaN)),
    encode: (value) =>
      Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : // Every number left has a text.
          (Array.from(asText).find(([, number]) => Object.is(number, value))?.[0] as 'NaN'),
  },
);

/** A number or none, as `numberCodec` and null. */
export const optionCodec: Codec<O.Option<number>> = z.codec(
  z.union([z.null(), numberCodec]),
  z.custom<O.Option<number>>(),
  { decode: O.fromNullable, encode: O.toNullable },
);

/** A count as a JSON integer of at least 0. */
export const countCodec: Codec<number> = z.int().min(0);
