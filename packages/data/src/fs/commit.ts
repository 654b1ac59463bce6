import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { dataMetadata } from '../writing/data-table.js';
import type { WriteError } from '../writing/error.js';
import { showJson, withTotals } from '../writing/info.js';
import { mergeTables } from '../writing/merge.js';
import { episodesTable, tasksTable } from '../writing/meta-tables.js';
import { nextPlace, pathOf, templates } from '../writing/place.js';
import { nextEpisode, nextFrame, type Recording } from '../writing/recording.js';
import {
  type Disk,
  infoFile,
  inOrder,
  readWhole,
  removeFile,
  statsFile,
  tasksFile,
  waitingFile,
  writeWhole,
} from './recording-files.js';

const mergeWaiting = (disk: Disk, { layout, waiting }: Recording): TE.TaskEither<WriteError, Uint8Array> =>
  pipe(
    waiting.map(({ record }) => waitingFile(record.index)),
    TE.traverseSeqArray((file) =>
      pipe(
        readWhole(disk, file),
        TE.map((bytes) => ({ file, bytes })),
      ),
    ),
    TE.flatMapEither((files) => mergeTables(files, dataMetadata(layout))),
  );

/**
 * Makes one data file of the episodes that wait, and counts them. `meta/info.json` is written last: until then a reader has the
 * dataset as it was, or refuses two counts that differ. Statistics of the whole are removed, since they are those of fewer
 * episodes. The files that waited are left to `removeWaiting`, which may fail when the episodes are counted already.
 *
 * @errors `CannotWrite`, `CannotRead`, `CorruptParquet`; trying again, or opening the dataset for appending, puts it right.
 */
export const commit = (disk: Disk, recording: Recording): TE.TaskEither<WriteError, Recording> => {
  const { layout, waiting, frames, tasks } = recording;
  if (waiting.length === 0) return TE.right(recording);
  const data = nextPlace(recording.data, layout.limits.chunksSize);
  const table = nextPlace(recording.table, layout.limits.chunksSize);
  const records = waiting.map(({ record }) => record);
  const after = { episodes: nextEpisode(recording), frames: nextFrame(recording) };
  const info = withTotals(recording.info, { ...after, tasks: tasks.length });
  return pipe(
    mergeWaiting(disk, recording),
    TE.flatMap((bytes) => writeWhole(disk, pathOf(recording.dataPath, data), bytes)),
    TE.flatMap(() =>
      inOrder([
        removeFile(disk, statsFile),
        writeWhole(disk, tasksFile, tasksTable(tasks)),
        writeWhole(
          disk,
          pathOf(templates.episodes, table),
          episodesTable(layout, records, { data, episodes: table, from: frames }),
        ),
        writeWhole(disk, infoFile, showJson(info)),
      ]),
    ),
    TE.map(() => ({ ...recording, ...after, info, data, table, waiting: [] })),
  );
};

/** Removes the files of episodes that waited and are in a data file now. */
export const removeWaiting = (disk: Disk, { waiting }: Recording): TE.TaskEither<WriteError, void> =>
  inOrder(waiting.map(({ record }) => removeFile(disk, waitingFile(record.index))));
