import * as E from 'fp-ts/lib/Either.js';
import * as z from 'zod';
import type { SettingsError } from './error.js';
import { expectation, isType } from './expectation.js';
import { knownPaths } from './keys.js';
import { type Layer, originAt, overlayAll, type Values, valueAt } from './layer.js';
import { nearest } from './nearest.js';

type Path = readonly PropertyKey[];
/** What a schema does not say of itself. */
export type DecodeOptions = {
  /** Paths by other names that users give to their last key. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Why a key that the schema does not know would be ignored; `null` for one that is unknown. */
  readonly ignored?: (path: readonly PropertyKey[], input: unknown) => string | null;
  /** True for an issue of fields that disagree, false for one about a single value. */
  readonly isInconsistency?: (issue: z.core.$ZodIssue) => boolean;
};

type Report = DecodeOptions & {
  readonly input: unknown;
  readonly layers: readonly Layer[];
  readonly known: () => Values;
};

const showPath = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');

const showValue = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Of all paths, the only one that ends in this key, the nearest beside it, the one of which this is another name, or the nearest. */
const suggestion = (
  { aliases = {} }: Report,
  shown: string,
  beside: readonly string[],
  all: readonly string[],
): string | null => {
  const key = lastOf(shown);
  const [same, another] = all.filter((path) => lastOf(path) === key);
  if (same !== undefined && another === undefined) return same;
  const short = aliases[key];
  return nearest(shown, beside) ?? all.find((path) => path === short) ?? nearest(shown, all);
};

const unknownKey = (report: Report, path: Path): SettingsError => {
  const shown = showPath(path);
  const all = knownPaths(report.known(), report.input);
  const beside = all.filter((known) => parentOf(known) === showPath(path.slice(0, -1)));
  const origin = originAt(report.layers, path);
  return {
    _tag: 'UnknownKey',
    path: shown,
    nearest: suggestion(report, shown, beside, all),
    known: beside.map(lastOf),
    origin,
  };
};

const refusedKey = (report: Report, path: Path): SettingsError => {
  const reason = report.ignored?.(path, report.input) ?? null;
  return reason === null
    ? unknownKey(report, path)
    : { _tag: 'IgnoredKey', path: showPath(path), reason, origin: originAt(report.layers, path) };
};

const received = (report: Report, issue: z.core.$ZodIssue): string => showValue(valueAt(report.input, issue.path));

const settingsError = (report: Report, issue: z.core.$ZodIssue): readonly SettingsError[] => {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => refusedKey(report, [...issue.path, key]));
  const path = showPath(issue.path);
  const origin = originAt(report.layers, issue.path);
  const expected = expectation(issue);
  if (report.isInconsistency?.(issue) === true) return [{ _tag: 'Inconsistent', path, reason: issue.message, origin }];
  if (valueAt(report.input, issue.path) === undefined) return [{ _tag: 'MissingKey', path, expected }];
  const _tag = isType(issue) ? 'WrongType' : 'OutOfBounds';
  return [{ _tag, path, expected, received: received(report, issue), origin }];
};

/**
 * The value that layers add up to, lowest first, as a schema decodes it.
 *
 * @param schema - strict objects, so that unknown keys are refused.
 * @param options - what the schema does not say of itself.
 * @errors every error at once, each with its key path and the layer it came from: `UnknownKey`, `IgnoredKey`, `MissingKey`,
 * `WrongType`, `OutOfBounds`, `Inconsistent`.
 * @law decoding a decoded value changes nothing, where the schema's own defaults do not.
 */
export const decodeLayers = <A>(
  schema: z.ZodType<A>,
  options: DecodeOptions = {},
): ((layers: readonly Layer[]) => E.Either<readonly SettingsError[], A>) => {
  const known = (): Values => z.toJSONSchema(schema, { io: 'input' });
  return (layers) => {
    const input = overlayAll(layers);
    const result = schema.safeParse(input);
    return result.success
      ? E.right(result.data)
      : E.left(result.error.issues.flatMap((issue) => settingsError({ ...options, input, layers, known }, issue)));
  };
};
