import { reportHtml } from '@torsor/evaluation';
import { jointsOf, type Outcome, outcomeNotices, type PolicyEvaluation, shownWindows } from '@torsor/training';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import { type Failure, runFailure } from '../failure.js';
import { readText, writeAtomically } from '../run/files.js';
import { runPaths } from '../run/layout.js';
import { metricLines } from '../run/metrics-lines.js';
import { showNumbers } from '../terminal/format.js';

/** Windows drawn in a report. */
const drawn = 6;

const noticesOf = (outcome: Outcome, path: string, unreadable: readonly number[]): readonly string[] => [
  ...outcomeNotices(outcome),
  ...(unreadable.length === 0 ? [] : [`${path}: lines that are no metrics are not drawn: ${showNumbers(unreadable)}`]),
];

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
      const { lines, unreadable } = metricLines(text);
      const html = reportHtml({
        title: config.name,
        notices: noticesOf(outcome, paths.metrics, unreadable),
        comparable: outcomeNotices(outcome).length === 0,
        facts,
        lines,
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
