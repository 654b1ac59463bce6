import { basename, dirname, join } from 'node:path';
import { type FileError, type FileSystem, wholeFile, withFile } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { WriteError } from '../writing/error.js';

/** Where a dataset is written. */
export type Disk = { readonly fs: FileSystem; readonly dir: string };

/** Files inside a dataset that is written. */
export const infoFile = 'meta/info.json';
export const statsFile = 'meta/stats.json';
export const tasksFile = 'meta/tasks.parquet';

/** The folder of episodes that wait for their data file to be full. */
export const waitingFolder = '.unfinished';

/** The file of a waiting episode. */
export const waitingFile = (episode: number): string =>
  `${waitingFolder}/episode-${String(episode).padStart(6, '0')}.parquet`;

/** Names in a folder of the dataset; undefined where there is none. */
export const namesIn = ({ fs, dir }: Disk, folder: string): TE.TaskEither<FileError, readonly string[] | undefined> =>
  pipe(
    fs.list(join(dir, folder)),
    TE.map((entries) => entries?.map(({ name }) => name).toSorted()),
  );

/** The bytes of a whole file. */
export const readWhole = ({ fs, dir }: Disk, file: string): TE.TaskEither<FileError, Uint8Array<ArrayBuffer>> =>
  withFile(
    fs,
    join(dir, file),
  )((open) => {
    const bytes = new Uint8Array(open.bytes);
    return pipe(
      open.read(0, bytes),
      TE.map(() => bytes),
    );
  });

/** Writes a file whole or not at all, in the place of one that is there. */
export const writeWhole = (
  { fs, dir }: Disk,
  file: string,
  content: string | Uint8Array,
): TE.TaskEither<WriteError, void> => wholeFile(fs, join(dir, file))(content);

/** Removes a file or folder if it is there, durably. */
export const removeFile = (disk: Disk, file: string): TE.TaskEither<WriteError, void> =>
  pipe(
    namesIn(disk, dirname(file)),
    TE.flatMap((names) =>
      names?.includes(basename(file))
        ? pipe(
            disk.fs.remove(join(disk.dir, file)),
            TE.flatMap(() => disk.fs.sync(join(disk.dir, dirname(file)))),
          )
        : TE.right(undefined),
    ),
  );

/** One after another, for what they do. */
export const inOrder = (effects: readonly TE.TaskEither<WriteError, unknown>[]): TE.TaskEither<WriteError, void> =>
  pipe(
    TE.sequenceSeqArray(effects),
    TE.map(() => undefined),
  );
