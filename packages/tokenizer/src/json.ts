import * as E from 'fp-ts/lib/Either.js';
import type * as z from 'zod';

/** Where a JSON text is not what was expected, and what was. */
export type JsonMismatch = {
  /** The keys down to the value, `model.merges[3]`; `''` for the whole. */
  readonly path: string;
  readonly expected: string;
};

/** The value of a JSON text. */
export const parseJson = (text: string): E.Either<JsonMismatch, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => ({ path: '', expected: `JSON (${String(cause)})` }),
  );

type Issue = z.core.$ZodIssue;

/** Of a choice that nothing matches, where the alternative that went furthest stopped. */
const innermost = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap((issues) => issues.slice(0, 1)).map(innermost);
  const furthest = inner.reduce<Issue | undefined>(
    (best, next) => (next.path.length > (best?.path.length ?? 0) ? next : best),
    undefined,
  );
  return furthest === undefined ? issue : { ...furthest, path: [...issue.path, ...furthest.path] };
};

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');

/** A value by its schema, whose messages are what is expected; of several mismatches the first. */
export const decodeJson = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): E.Either<JsonMismatch, z.output<Schema>> => {
  const { success, data, error } = schema.safeParse(value);
  if (success) return E.right(data);
  const [first] = error.issues;
  const at = first === undefined ? undefined : innermost(first);
  return E.left({ path: pathText(at?.path ?? []), expected: at?.message ?? 'another value' });
};
