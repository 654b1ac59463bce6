import { type EpisodeSplit, type NormStats, showNormStats } from '@torsor/data';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../config/schema.js';
import type { RunError } from './error.js';
import { writeAtomically } from './files.js';
import { runPaths } from './layout.js';

/** What a run's folder says about a run before its first update. */
export type RunFacts = { readonly config: TrainConfig; readonly split: EpisodeSplit; readonly stats: NormStats };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes `split.json`, `norm_stats.json`, and last `config.json`, by which a folder is known to hold a run.
 *
 * @errors `NotWritable`
 */
export const writeRunFiles = ({ config, split, stats }: RunFacts): TE.TaskEither<RunError, void> => {
  const paths = runPaths(config.out);
  return pipe(
    writeAtomically(paths.split, json(split)),
    TE.flatMap(() => writeAtomically(paths.normStats, showNormStats(stats))),
    TE.flatMap(() => writeAtomically(paths.config, json(config))),
  );
};
