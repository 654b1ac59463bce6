import { appendFileSync } from 'node:fs';
import { encodeMetricLine, type MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunError } from './error.js';
import { readText, writeAtomically } from './files.js';
import { truncateAfter } from './metrics-lines.js';

const append = (path: string, text: string): E.Either<RunError, void> =>
  E.tryCatch(
    () => appendFileSync(path, text),
    (cause): RunError => ({ _tag: 'NotWritable', path, cause: String(cause) }),
  );

/** Appends one line of metrics; the line is in the file when this returns. */
export const appendMetrics =
  (path: string) =>
  (line: MetricLine): E.Either<RunError, void> =>
    append(path, `${encodeMetricLine(line)}\n`);

/** Appends one dated line to a run's log. */
export const appendLog =
  (path: string, now: () => Date) =>
  (line: string): E.Either<RunError, void> =>
    append(path, `${now().toISOString()} ${line}\n`);

/** Drops the lines after a checkpoint's step from a metrics file, atomically; how many there were. */
export const truncateMetrics = (path: string, step: number): TE.TaskEither<RunError, number> =>
  pipe(
    readText(path),
    TE.flatMapEither((text) => truncateAfter(path, text, step)),
    TE.flatMap(({ text, dropped }) =>
      dropped === 0
        ? TE.right(0)
        : pipe(
            writeAtomically(path, text),
            TE.map(() => dropped),
          ),
    ),
  );
