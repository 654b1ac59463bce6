import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import { invalid } from './field.js';

/** Which rows of which parquet file an episode is. */
export type RowsPlace = {
  readonly file: string;
  readonly first: number;
  /** Rows that the whole file must have: those of all its episodes. */
  readonly ofFile: number;
};

/** Which part of which video an episode is, in seconds of the video; `to` is its end where the metadata says one. */
export type VideoPlace = { readonly file: string; readonly from: number; readonly to: number | null };

/** What the metadata says about one episode, before its frames are read. */
export type EpisodeRecord = {
  readonly index: number;
  /** Frames. */
  readonly length: number;
  readonly tasks: readonly string[];
  readonly rows: RowsPlace;
  /** By camera, of those that are videos. */
  readonly videos: ReadonlyMap<string, VideoPlace>;
};

/** Records sorted by episode; one index twice is refused. */
export const sortedRecords = <R extends { readonly index: number }>(
  file: string,
  records: readonly R[],
): E.Either<DataError, readonly R[]> => {
  const sorted = records.toSorted((a, b) => a.index - b.index);
  const twice = sorted.find((record, i) => i > 0 && sorted[i - 1]?.index === record.index);
  return twice === undefined
    ? E.right(sorted)
    : E.left(invalid({ file }, 'episode_index', 'different for every episode', twice.index));
};

type Fields = Readonly<Record<string, string | number>>;

/** Fills `{name}` and `{name:06d}`, the only two forms that LeRobot's paths use. */
export const fillPath = (template: string, fields: Fields): string =>
  template.replace(/\{(\w+)(?::0?(\d+)d)?\}/g, (whole, name: string, width: string | undefined) => {
    const value = fields[name];
    return value === undefined ? whole : String(value).padStart(Number(width ?? 0), '0');
  });
