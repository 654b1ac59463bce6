import { reportHtml } from '@torsor/evaluation';
import { decodeMetricLine, type MetricLine } from '@torsor/metrics';
import { jointsOf, type Outcome, outcomeNotices, type PolicyEvaluation, shownWindows } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, runFailure } from '../failure.js';
import { readText, writeAtomically } from '../run/files.js';
import { runPaths } from '../run/layout.js';

/** Windows drawn in a report. */
const drawn = 6;

const linesOf = (text: string): readonly MetricLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const decoded = decodeMetricLine(line);
      return E.isRight(decoded) ? [decoded.right] : [];
    });

/** Writes a run's `report.html` from its metrics and its outcome. */
export const writeReport = (
  config: TrainConfig,
  evaluation: PolicyEvaluation,
  outcome: Outcome,
  facts: readonly (readonly [string, string])[],
): TE.TaskEither<Failure, string> => {
  const paths = runPaths(config.out);
  const { dataset } = evaluation.source.samples;
  return pipe(
    readText(paths.metrics),
    TE.flatMap((text) => {
      const html = reportHtml({
        title: config.name,
        notices: outcomeNotices(outcome),
        comparable: outcomeNotices(outcome).length === 0,
        facts,
        lines: linesOf(text),
        joints: jointsOf(dataset.actionNames, evaluation.units),
        methods: outcome.methods,
        windows: shownWindows(outcome.sampled, drawn),
        secondsPerStep: 1 / dataset.fps,
      });
      return writeAtomically(paths.report, html);
    }),
    TE.bimap(runFailure, () => paths.report),
  );
};
