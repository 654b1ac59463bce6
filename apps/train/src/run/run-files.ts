import { type EpisodeSplit, type NormStats, parseNormStats, showDataError, showNormStats } from '@torsor/data';
import type { FastFiles } from '@torsor/tokenizer';
import type { KeptData } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as z from 'zod';
import type { TrainConfig } from '../config/schema.js';
import type { RunError } from './error.js';
import { writeFastFiles } from './fast-files.js';
import { readText, writeAtomically } from './files.js';
import { runPaths } from './layout.js';

/** What a run's folder says about a run before its first update. */
export type RunFacts = {
  readonly config: TrainConfig;
  readonly split: EpisodeSplit;
  readonly stats: NormStats;
  /** The files of the tokenizer of action chunks; `null` for a policy that has none. */
  readonly fast: FastFiles | null;
};

const splitSchema = z.object({ train: z.array(z.int()), heldOut: z.array(z.int()) });

/** The split and the statistics that a run began with: those that it goes on with, whatever was recorded since. */
export const readKeptData = (out: string): TE.TaskEither<RunError, Required<KeptData>> => {
  const { split, normStats } = runPaths(out);
  const refused =
    (path: string) =>
    (cause: unknown): RunError => ({ _tag: 'NotReadable', path, cause: String(cause) });
  return pipe(
    TE.Do,
    TE.bind('split', () =>
      pipe(
        readText(split),
        TE.flatMapEither((text) => E.tryCatch(() => splitSchema.parse(JSON.parse(text)), refused(split))),
      ),
    ),
    TE.bind('stats', () =>
      pipe(
        readText(normStats),
        TE.flatMapEither((text) => E.mapLeft(flow(showDataError, refused(normStats)))(parseNormStats(normStats, text))),
      ),
    ),
  );
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes `split.json`, `norm_stats.json`, the folder `fast` where there are action tokens, and last `config.json`, by
 * which a folder is known to hold a run.
 *
 * @errors `NotWritable`
 */
export const writeRunFiles = ({ config, split, stats, fast }: RunFacts): TE.TaskEither<RunError, void> => {
  const paths = runPaths(config.out);
  return pipe(
    writeAtomically(paths.split, json(split)),
    TE.flatMap(() => writeAtomically(paths.normStats, showNormStats(stats))),
    TE.flatMap(() => (fast === null ? TE.right(undefined) : writeFastFiles(paths.fast, fast))),
    TE.flatMap(() => writeAtomically(paths.config, json(config))),
  );
};
