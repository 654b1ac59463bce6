// Typed steps into parsed JSON; a step that does not fit fails the test with the name of what was asked for.

type JsonObject = Readonly<Record<string, unknown>>;

const refuse = (what: string, value: unknown): never => {
  throw new Error(`golden JSON: expected ${what}, found ${JSON.stringify(value)?.slice(0, 80)}`);
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const object = (value: unknown): JsonObject => (isObject(value) ? value : refuse('an object', value));

export const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.map(object) : refuse('an array of objects', value);

export const number = (value: unknown): number => (typeof value === 'number' ? value : refuse('a number', value));

export const text = (value: unknown): string => (typeof value === 'string' ? value : refuse('a string', value));

/** All numbers of an array of any depth, in row-major order. */
export const numbers = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY).map(number) : refuse('an array of numbers', value);
