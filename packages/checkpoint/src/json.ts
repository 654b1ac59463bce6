/** A value that JSON holds without loss. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = {
  readonly [key: string]: Json;
};

/** A place where two JSON values differ: its path, and both values as text (`absent` where there is none). */
export type JsonDifference = {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
};

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Whether a value is a JSON object: a plain object and not a list. */
export const isJsonObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value);

const childPath = (path: string, key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`);

/** Path of the first value that JSON would change in silence: NaN, infinities, undefined, typed arrays and other instances. */
export const lossyPath = (value: unknown, path = ''): string | undefined => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (!Array.isArray(value) && !isJsonObject(value)) return path;
  for (const [key, child] of Object.entries(value)) {
    const lossy = lossyPath(child, childPath(path, key));
    if (lossy !== undefined) return lossy;
  }
  return undefined;
};

const show = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

const isContainer = (value: unknown): value is object => Array.isArray(value) || isJsonObject(value);

/** Every path at which two JSON values differ; lists and objects are compared element by element. */
export const jsonDifferences = (expected: unknown, actual: unknown, path = ''): readonly JsonDifference[] => {
  const comparable = isContainer(expected) && isContainer(actual) && Array.isArray(expected) === Array.isArray(actual);
  if (!comparable)
    return show(expected) === show(actual) ? [] : [{ path, expected: show(expected), actual: show(actual) }];
  const left = new Map<string, unknown>(Object.entries(expected));
  const right = new Map<string, unknown>(Object.entries(actual));
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    jsonDifferences(left.get(key), right.get(key), childPath(path, key)),
  );
};

/** Every path of `expected` at which `actual` differs; fields that only `actual` has are no difference, further elements of a list are. */
export const subsetDifferences = (expected: unknown, actual: unknown, path = ''): readonly JsonDifference[] =>
  isJsonObject(expected) && isJsonObject(actual)
    ? Object.entries(expected).flatMap(([key, value]) =>
        subsetDifferences(value, Object.hasOwn(actual, key) ? actual[key] : undefined, childPath(path, key)),
      )
    : jsonDifferences(expected, actual, path);
