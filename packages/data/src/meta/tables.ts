import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import { isObject, type JsonLine, type JsonObject, parseJsonLines } from '../json.js';
import { atLeastOne, count, field, invalid, type Source, text, texts } from './field.js';

/** What the metadata says about one episode, before its frames are read. */
export type EpisodeRecord = {
  readonly index: number;
  /** Frames. */
  readonly length: number;
  readonly tasks: readonly string[];
};

type RowDecoder<A> = (source: Source, object: JsonObject) => E.Either<DataError, A>;

const decodeLines = <A>(
  file: string,
  lines: readonly JsonLine[],
  decode: RowDecoder<A>,
): E.Either<DataError, readonly A[]> => {
  const decoded: A[] = [];
  for (const { line, value } of lines) {
    const source = { file, line };
    const row = isObject(value) ? decode(source, value) : E.left(invalid(source, '(whole line)', 'an object', value));
    if (E.isLeft(row)) return row;
    decoded.push(row.right);
  }
  return E.right(decoded);
};

const decodeRow: RowDecoder<EpisodeRecord> = (source, object) =>
  pipe(
    E.Do,
    E.bind('index', () => field(source, object, 'episode_index', count)),
    E.bind('length', () => field(source, object, 'length', atLeastOne)),
    E.bind('tasks', () => field(source, object, 'tasks', texts)),
  );

const decodeTask: RowDecoder<readonly [number, string]> = (source, object) =>
  pipe(
    E.Do,
    E.bind('index', () => field(source, object, 'task_index', count)),
    E.bind('task', () => field(source, object, 'task', text)),
    E.map(({ index, task }) => [index, task] as const),
  );

/** Parses `meta/episodes.jsonl`, sorted by episode. */
export const decodeEpisodes = (file: string, content: string): E.Either<DataError, readonly EpisodeRecord[]> => {
  return pipe(
    parseJsonLines(file, content),
    E.flatMap((lines) => decodeLines(file, lines, decodeRow)),
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
    E.flatMap((lines) => decodeLines(file, lines, decodeTask)),
    E.map((rows) => new Map(rows)),
  );
};
