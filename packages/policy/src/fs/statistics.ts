import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withCheckpoint } from '@torsor/checkpoint';
import { type NormStats, parseNormStats } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Effect } from '../device/compile.js';
import { checkpointError, dataError, type PolicyError } from '../error.js';
import { savedStats } from '../saved/identity.js';

const fileIn = 'norm_stats.json';

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const ofFile = (path: string): Effect<NormStats> =>
  pipe(
    TE.tryCatch(
      () => readFile(path, 'utf8'),
      (cause): PolicyError => ({
        _tag: 'NotReadable',
        path,
        reason: cause instanceof Error ? cause.message : String(cause),
      }),
    ),
    TE.flatMapEither((text) => E.mapLeft(dataError)(parseNormStats(path, text))),
  );

const ofCheckpoint = (path: string): Effect<NormStats> =>
  pipe(
    withCheckpoint(path)((checkpoint) => TE.right(savedStats(checkpoint))),
    TE.mapLeft(checkpointError),
    TE.flatMapEither((stats) => stats),
  );

/**
 * Normalization statistics of elsewhere.
 *
 * @param path - openpi's `norm_stats.json`; a folder that has one, as a run's or openpi's `assets/<id>`; or a checkpoint.
 * @errors `NotReadable`, `Data` for a file of another form, `Checkpoint`.
 */
export const readStats = (path: string): Effect<NormStats> =>
  pipe(
    TE.fromTask<readonly [boolean, boolean], PolicyError>(
      async () => [await isFolder(path), await isFile(join(path, fileIn))] as const,
    ),
    TE.flatMap(([folder, inside]) => {
      if (inside) return ofFile(join(path, fileIn));
      return folder ? ofCheckpoint(path) : ofFile(path);
    }),
  );
