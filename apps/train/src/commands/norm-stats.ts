import { showNormStats } from '@torsor/data';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Command } from '../cli/command.js';
import { type Failure, runFailure } from '../failure.js';
import { writeAtomically } from '../run/files.js';
import type { Event } from '../terminal/event.js';
import { loadConfig } from './configuration.js';
import { loadData } from './dataset.js';

type NormStatsCommand = Extract<Command, { readonly _tag: 'NormStats' }>;

/** `torsor norm-stats`: the statistics a run would normalize with, in openpi's `norm_stats.json` form. */
export const runNormStats = ({ config, output }: NormStatsCommand): TE.TaskEither<Failure, Event> =>
  pipe(
    loadConfig(config),
    TE.flatMap((resolved) => loadData(resolved, null, false)),
    TE.flatMap(({ stats, split }) => {
      const text = showNormStats(stats);
      if (output === null) return TE.right<Failure, Event>({ _tag: 'Result', text: text.trimEnd(), data: stats });
      const told = `statistics of ${split.train.length} training episodes written to ${output}`;
      const written: Event = { _tag: 'Result', text: told, data: { output, episodes: split.train } };
      return pipe(
        writeAtomically(output, text),
        TE.bimap(runFailure, () => written),
      );
    }),
  );
