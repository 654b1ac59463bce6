import type * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { JsonObject } from '../json.js';
import type { Source } from './field.js';
import type { DatasetInfo } from './info.js';
import type { EpisodeRecord } from './tables.js';

/** Texts of metadata files by their path inside the dataset. */
export type MetaTexts = ReadonlyMap<string, string>;

/** What one version of LeRobot's layout decides: which files hold what. Pure; `fs/` does the reading. */
export type DatasetFormat = {
  readonly version: string;
  /** Metadata files beside `meta/info.json`, with what each holds. */
  readonly metaFiles: readonly { readonly path: string; readonly purpose: string }[];
  readonly decodeInfo: (source: Source, object: JsonObject) => E.Either<DataError, DatasetInfo>;
  readonly decodeEpisodes: (files: MetaTexts) => E.Either<DataError, readonly EpisodeRecord[]>;
  readonly decodeTasks: (files: MetaTexts) => E.Either<DataError, ReadonlyMap<number, string>>;
  readonly dataFile: (info: DatasetInfo, episode: number) => string;
  /** The file of one camera's video; null where the dataset declares no videos. */
  readonly videoFile: (info: DatasetInfo, camera: string, episode: number) => string | null;
};
