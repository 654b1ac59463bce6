import { decodeMetricLine, type MetricLine, showMetricsError } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import type { RunError } from './error.js';

/** Lines kept, and how many were dropped. */
export type Truncated = { readonly text: string; readonly dropped: number };

/**
 * The lines up to and including `step`, for a run that resumes there. Later lines, and a last line without its newline (the
 * process died while writing it), are dropped and counted.
 *
 * @errors `BadMetrics` for a whole line that is no line of metrics.
 * @law truncating twice at the same step is truncating once.
 */
export const truncateAfter = (path: string, text: string, step: number): E.Either<RunError, Truncated> => {
  const whole = text.split('\n');
  const torn = whole.pop() ?? '';
  const kept: string[] = [];
  for (const [i, line] of whole.entries()) {
    const found = decodeMetricLine(line);
    if (E.isLeft(found)) return E.left({ _tag: 'BadMetrics', path, line: i + 1, reason: showMetricsError(found.left) });
    if (found.right.step <= step) kept.push(`${line}\n`);
  }
  const dropped = whole.length - kept.length + (torn === '' ? 0 : 1);
  return E.right({ text: kept.join(''), dropped });
};

/** The lines of a metrics file, and the numbers of those that are none. */
export const metricLines = (
  text: string,
): { readonly lines: readonly MetricLine[]; readonly unreadable: readonly number[] } => {
  const lines: MetricLine[] = [];
  const unreadable: number[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const decoded = decodeMetricLine(line);
    if (E.isRight(decoded)) lines.push(decoded.right);
    else if (line !== '') unreadable.push(i + 1);
  }
  return { lines, unreadable };
};
