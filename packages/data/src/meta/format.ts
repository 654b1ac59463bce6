import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import type { EpisodeRecord } from './episode-record.js';
import type { DatasetInfo } from './info.js';

/** Bytes of metadata files by their path inside the dataset, in the order of their names. */
export type MetaFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A metadata file beside `meta/info.json`, or a folder of parquet files at any depth. */
export type MetaFile = { readonly path: string; readonly purpose: string; readonly kind: 'file' | 'folder' };

/** What metadata says of episodes and tasks. */
export type Described = {
  /** Ascending by index. */
  readonly records: readonly EpisodeRecord[];
  readonly tasks: ReadonlyMap<number, string>;
};

/** What a version of LeRobot's layout decides: which files hold what. Pure; `fs/` does the reading. */
export type DatasetFormat = {
  readonly versions: readonly string[];
  readonly metaFiles: readonly MetaFile[];
  /** @errors what metadata does not say, or says wrongly, by file and field. */
  readonly describe: (info: DatasetInfo, files: MetaFiles) => TE.TaskEither<DataError, Described>;
};
