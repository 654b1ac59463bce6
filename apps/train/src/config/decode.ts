import { isInconsistency } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import type * as z from 'zod';
import type { ConfigError } from './error.js';
import { expectation, isType } from './expectation.js';
import { runJsonSchema } from './json-schema.js';
import { knownPaths } from './keys.js';
import { type Layer, originAt, overlayAll, valueAt } from './layer.js';
import { nearest } from './nearest.js';
import { ignoredBySgd } from './optimizer.js';
import { type TrainConfig, trainConfigSchema } from './schema.js';
import { shorthands } from './shorthands.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type Report = { readonly input: unknown; readonly layers: readonly Layer[] };

const showPath = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');

const showValue = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Of all paths, the only one that ends in this key, the nearest beside it, the one that a flag of this name sets, or the nearest. */
const suggestion = (shown: string, beside: readonly string[], all: readonly string[]): string | null => {
  const key = lastOf(shown);
  const [same, another] = all.filter((path) => lastOf(path) === key);
  if (same !== undefined && another === undefined) return same;
  const short = shorthands[key]?.path;
  return nearest(shown, beside) ?? all.find((path) => path === short) ?? nearest(shown, all);
};

const unknownKey = (report: Report, path: Path): ConfigError => {
  const shown = showPath(path);
  const all = knownPaths(runJsonSchema, report.input);
  const beside = all.filter((known) => parentOf(known) === showPath(path.slice(0, -1)));
  const origin = originAt(report.layers, path);
  return {
    _tag: 'UnknownKey',
    path: shown,
    nearest: suggestion(shown, beside, all),
    known: beside.map(lastOf),
    origin,
  };
};

const refusedKey = (report: Report, path: Path): ConfigError => {
  const reason = ignoredBySgd[String(path.at(-1))];
  const ofSgd = path[0] === 'optimizer' && valueAt(report.input, ['optimizer', 'kind']) === 'sgd';
  return ofSgd && reason !== undefined
    ? { _tag: 'IgnoredKey', path: showPath(path), reason, origin: originAt(report.layers, path) }
    : unknownKey(report, path);
};

const received = (report: Report, issue: Issue): string => showValue(valueAt(report.input, issue.path));

const configError = (report: Report, issue: Issue): readonly ConfigError[] => {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => refusedKey(report, [...issue.path, key]));
  const path = showPath(issue.path);
  const origin = originAt(report.layers, issue.path);
  const expected = expectation(issue);
  if (isInconsistency(issue)) return [{ _tag: 'Inconsistent', path, reason: issue.message, origin }];
  if (valueAt(report.input, issue.path) === undefined) return [{ _tag: 'MissingKey', path, expected }];
  const _tag = isType(issue) ? 'WrongType' : 'OutOfBounds';
  return [{ _tag, path, expected, received: received(report, issue), origin }];
};

/**
 * The configuration that layers add up to, lowest first.
 *
 * @errors every error at once, each with its key path and the layer it came from: `UnknownKey`, `IgnoredKey`, `MissingKey`,
 * `WrongType`, `OutOfBounds`, `Inconsistent`.
 * @law decoding a decoded configuration changes nothing.
 */
export const decodeTrainConfig = (layers: readonly Layer[]): E.Either<readonly ConfigError[], TrainConfig> => {
  const input = overlayAll(layers);
  const result = trainConfigSchema.safeParse(input);
  return result.success
    ? E.right(result.data)
    : E.left(result.error.issues.flatMap((issue) => configError({ input, layers }, issue)));
};
