import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { KeyValue } from 'hyparquet';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { parseJson } from '../json.js';
import { count, decode, seconds, text } from '../meta/field.js';
import { readFooter } from '../parquet/open.js';

/**
 * What is known of an episode whose rows are on the disk: its line of `meta/episodes` but for the place of its rows, which it has
 * when its data file is full.
 */
const numbers = z.array(z.number('a list of numbers'), 'a list of numbers').readonly();

const statsSchema = z.object({
  min: numbers,
  max: numbers,
  mean: numbers,
  std: numbers,
  count,
  q01: numbers,
  q10: numbers,
  q50: numbers,
  q90: numbers,
  q99: numbers,
});

const videoSchema = z.object({ chunk: count, file: count, from: seconds, to: seconds });

const recordSchema = z.object(
  {
    index: count,
    length: count,
    /** The texts of its tasks, by their numbers in the dataset. */
    tasks: z.array(z.tuple([count, text])).readonly(),
    stats: z.record(z.string(), statsSchema),
    videos: z.record(z.string(), videoSchema),
  },
  'an object',
);

/** An episode as it waits for its data file to be full. */
export type RecordedEpisode = z.infer<typeof recordSchema>;

const key = 'torsor.episode';

/** The record as metadata of the parquet file that holds the episode's rows: one file, there whole or not at all. */
export const recordMetadata = (record: RecordedEpisode): KeyValue => ({ key, value: JSON.stringify(record) });

/**
 * Reads the record of a file that an interrupted recording left.
 *
 * @errors `CorruptParquet`, `MalformedJson`, `InvalidField`.
 */
export const readRecord = (file: string, bytes: Uint8Array<ArrayBuffer>): E.Either<DataError, RecordedEpisode> =>
  pipe(
    readFooter(file, bytes),
    E.flatMap(({ metadata }) =>
      parseJson(file, metadata.key_value_metadata?.find((entry) => entry.key === key)?.value ?? ''),
    ),
    E.flatMap((value) => decode({ file }, recordSchema, value)),
  );
