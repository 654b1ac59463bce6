import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { type JsonLine, parseJsonLines } from '../json.js';
import { type EpisodeRecord, sortedRecords } from './episode-record.js';
import { atLeastOne, count, decode, text, texts } from './field.js';

/** A line of `meta/episodes.jsonl`. */
export type EpisodeLine = Pick<EpisodeRecord, 'index' | 'length' | 'tasks'>;

const decodeLines = <A>(
  file: string,
  lines: readonly JsonLine[],
  schema: z.ZodType<A>,
): E.Either<DataError, readonly A[]> =>
  pipe(
    lines,
    E.traverseArray(({ line, value }) => decode({ file, line }, schema, value)),
  );

const episodeSchema = z
  .object({ episode_index: count, length: atLeastOne, tasks: texts }, 'an object')
  .transform(({ episode_index: index, length, tasks }): EpisodeLine => ({ index, length, tasks }));

const taskSchema = z
  .object({ task_index: count, task: text }, 'an object')
  .transform(({ task_index: index, task }) => [index, task] as const);

/** Parses `meta/episodes.jsonl`, sorted by episode. */
export const decodeEpisodes = (file: string, content: string): E.Either<DataError, readonly EpisodeLine[]> => {
  return pipe(
    parseJsonLines(file, content),
    E.flatMap((lines) => decodeLines(file, lines, episodeSchema)),
    E.flatMap((records) => sortedRecords(file, records)),
  );
};

/** Parses `meta/tasks.jsonl`. */
export const decodeTasks = (file: string, content: string): E.Either<DataError, ReadonlyMap<number, string>> => {
  return pipe(
    parseJsonLines(file, content),
    E.flatMap((lines) => decodeLines(file, lines, taskSchema)),
    E.map((rows) => new Map(rows)),
  );
};
