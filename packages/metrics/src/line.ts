import * as E from 'fp-ts/lib/Either.js';
import { type Metric, metricNamed } from './declaration.js';
import { metrics } from './declarations.js';
import type { MetricsError } from './error.js';

/** Values by the names of their metrics. */
export type MetricValues = { readonly [metric: string]: number };

/** One line of `metrics.jsonl`: the number of updates done, and the values that were measured then. */
export type MetricLine = MetricValues & { readonly step: number };

const nonFinite: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const encodeValue = (value: number): string => {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
};

/**
 * A line as JSON without the newline, `step` first and the names in the order of the record.
 *
 * JSON has no NaN and no infinities: they are written as the strings "NaN", "Infinity" and "-Infinity".
 *
 * @law `decodeMetricLine(encodeMetricLine(line)) = line`, also for NaN, infinities and −0.
 */
export const encodeMetricLine = (line: MetricLine): string => {
  const { step, ...values } = line;
  const fields = Object.entries(values).map(([name, value]) => `${JSON.stringify(name)}:${encodeValue(value)}`);
  return `{${[`"step":${encodeValue(step)}`, ...fields].join(',')}}`;
};

const decodeValue = (name: string, value: unknown): E.Either<MetricsError, number> => {
  const number = typeof value === 'string' ? nonFinite.get(value) : value;
  return typeof number === 'number'
    ? E.right(number)
    : E.left({ _tag: 'BadValue', name, value: JSON.stringify(value) });
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The line that a JSON text holds.
 *
 * @param declared - the metrics whose names may stand in it: `metrics`, and a consumer's own.
 * @errors `NotJson`, `NotAnObject`, `NoStep`, `UnknownMetric`, `BadValue`.
 */
export const decodeMetricLine = (
  line: string,
  declared: readonly Metric[] = metrics,
): E.Either<MetricsError, MetricLine> => {
  const parsed = E.tryCatch(
    (): unknown => JSON.parse(line),
    (): MetricsError => ({ _tag: 'NotJson', line }),
  );
  if (E.isLeft(parsed)) return parsed;
  if (!isRecord(parsed.right)) return E.left({ _tag: 'NotAnObject', line });
  const { step, ...rest } = parsed.right;
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) return E.left({ _tag: 'NoStep', line });
  const values: [string, number][] = [];
  for (const [name, value] of Object.entries(rest)) {
    if (metricNamed(declared, name) === undefined) return E.left({ _tag: 'UnknownMetric', name });
    const decoded = decodeValue(name, value);
    if (E.isLeft(decoded)) return decoded;
    values.push([name, decoded.right]);
  }
  return E.right({ step, ...Object.fromEntries(values) });
};
