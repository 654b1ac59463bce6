import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { type JsonLine, parseJsonLines } from '../json.js';
import { atLeastOne, count, decode, invalid, text, texts } from './field.js';

/** What the metadata says about one episode, before its frames are read. */
export type EpisodeRecord = {
  readonly index: number;
  /** Frames. */
  readonly length: number;
  readonly tasks: readonly string[];
};

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
  .transform(({ episode_index: index, length, tasks }): EpisodeRecord => ({ index, length, tasks }));

const taskSchema = z
  .object({ task_index: count, task: text }, 'an object')
  .transform(({ task_index: index, task }) => [index, task] as const);

/** Parses `meta/episodes.jsonl`, sorted by episode. */
export const decodeEpisodes = (file: string, content: string): E.Either<DataError, readonly EpisodeRecord[]> => {
  return pipe(
    parseJsonLines(file, content),
    E.flatMap((lines) => decodeLines(file, lines, episodeSchema)),
    E.flatMap((records) => {
      const sorted = records.toSorted((a, b) => a.index - b.index);
      const twice = sorted.find((record, i) => i > 0 && sorted[i - 1]?.index === record.index);
      return twice === undefined
        ? E.right(sorted)
        : E.left(invalid({ file }, 'episode_index', 'different on every line', twice.index));
    }),
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
