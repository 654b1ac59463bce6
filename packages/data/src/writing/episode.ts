import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { WriteError } from './error.js';
import { type CameraFrames, checkFrames } from './frames.js';
import type { CameraSpec, ColumnSpec, Layout } from './spec.js';

/** One episode to write; `l` = its frames. */
export type NewEpisode = {
  /** What it does, in words: one text, or one for each frame. */
  readonly task: string | readonly string[];
  /** Of every feature that is no camera, `[l, width]` row-major: numbers, booleans or texts as its dtype says. */
  readonly values: { readonly [feature: string]: ArrayLike<number> | readonly boolean[] | readonly string[] };
  /** Of every camera: bytes `[l, h, w, 3]`, or `l` encoded pictures (PNG or JPEG). */
  readonly cameras?: { readonly [camera: string]: CameraFrames };
  /** `[l]` seconds since the episode's start; frame number / fps without it. */
  readonly timestamps?: ArrayLike<number>;
};

/** Values of a column, `[l, width]`: f32, whole numbers as f64, booleans as 0 and 1, or texts. */
export type ColumnValues = Float32Array | Float64Array | Uint8Array | readonly string[];

/** An episode that is checked against what the dataset is of. */
export type CheckedEpisode = {
  readonly index: number;
  readonly length: number;
  /** `[l]`. */
  readonly tasks: readonly string[];
  /** `f32[l]`. */
  readonly timestamp: Float32Array;
  readonly columns: ReadonlyMap<string, ColumnValues>;
  readonly cameras: ReadonlyMap<string, CameraFrames>;
};

/** Where an episode is going to, for messages. */
export type EpisodePlace = { readonly dir: string; readonly episode: number };

/** Seconds by which a time may be off the grid of frames. @source LeRobot 0.6.1 `LeRobotDataset` `tolerance_s` */
const tolerance = 1e-4;

const refused = (
  { episode }: EpisodePlace,
  frame: number | null,
  feature: string,
  expected: string,
  found: string,
): WriteError => ({ _tag: 'InvalidEpisode', episode, frame, feature, expected, found });

/** Texts that UTF-8 cannot hold would come back as others. */
const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : `a ${typeof value}`;
};

/** Why one value cannot be of a column; undefined where it can. */
const faultOf: { readonly [dtype in ColumnSpec['dtype']]: (value: unknown) => string | undefined } = {
  float32: (value) => (typeof value === 'number' ? undefined : 'numbers'),
  int64: (value) => (Number.isSafeInteger(value) ? undefined : 'whole numbers within 2^53'),
  bool: (value) => (typeof value === 'boolean' || value === 0 || value === 1 ? undefined : 'booleans, or 0 and 1'),
  string: (value) => (typeof value === 'string' && isWhole(value) ? undefined : 'texts that UTF-8 can hold'),
};

const holderOf = (
  dtype: Exclude<ColumnSpec['dtype'], 'string'>,
  length: number,
): Exclude<ColumnValues, readonly string[]> =>
  dtype === 'float32'
    ? new Float32Array(length)
    : dtype === 'int64'
      ? new Float64Array(length)
      : new Uint8Array(length);

/** The values of a column in its own type. A number beyond f32 becomes infinite, and is refused as one. */
const checkColumn = (
  place: EpisodePlace,
  column: ColumnSpec,
  length: number,
  given: ArrayLike<unknown>,
): E.Either<WriteError, ColumnValues> => {
  const { name, dtype, width } = column;
  if (given.length !== length * width) {
    const expected = `${length} frames of ${width} value${width === 1 ? '' : 's'}`;
    return E.left(refused(place, null, name, expected, `${given.length} values`));
  }
  const fault = faultOf[dtype];
  const texts: string[] = [];
  const held = dtype === 'string' ? texts : holderOf(dtype, given.length);
  for (let at = 0; at < given.length; at++) {
    const value = given[at];
    const expected = fault(value);
    const frame = Math.floor(at / width);
    if (expected !== undefined) return E.left(refused(place, frame, name, expected, shown(value)));
    if (dtype === 'string') {
      texts.push(String(value));
      continue;
    }
    const number = Number(value);
    (held as Float32Array)[at] = number;
    if (!Number.isFinite((held as Float32Array)[at])) {
      const joint = column.names?.[at % width] ?? `${name}[${at % width}]`;
      return E.left({
        _tag: 'NonFiniteValue',
        file: place.dir,
        feature: name,
        episode: place.episode,
        frame,
        joint,
        value: number,
      });
    }
  }
  return E.right(held);
};

const checkTasks = (
  place: EpisodePlace,
  length: number,
  task: NewEpisode['task'],
): E.Either<WriteError, readonly string[]> => {
  const tasks = typeof task === 'string' ? new Array<string>(length).fill(task) : task;
  if (tasks.length !== length) {
    return E.left(refused(place, null, 'task', `one text, or ${length}`, `${tasks.length} texts`));
  }
  const empty = tasks.findIndex((text) => text.trim() === '' || !isWhole(text));
  if (empty < 0) return E.right(tasks);
  const frame = typeof task === 'string' ? null : empty;
  return E.left(refused(place, frame, 'task', 'a text that is not empty, of whole characters', shown(tasks[empty])));
};

const checkTimestamps = (
  place: EpisodePlace,
  fps: number,
  length: number,
  given: NewEpisode['timestamps'],
): E.Either<WriteError, Float32Array> => {
  if (given === undefined) return E.right(Float32Array.from({ length }, (_, frame) => frame / fps));
  const refuse = (frame: number | null, expected: string, found: string): E.Either<WriteError, never> =>
    E.left(refused(place, frame, 'timestamp', expected, found));
  if (given.length !== length) return refuse(null, `${length} times`, `${given.length} times`);
  for (let frame = 0; frame < length; frame++) {
    const [time, before] = [given[frame] ?? Number.NaN, given[frame - 1] ?? Number.NEGATIVE_INFINITY];
    const expected = frame / fps;
    if (!(time > before)) return refuse(frame, `after ${before} s, the time of the frame before`, `${time} s`);
    // A time in f32 may be further off after half an hour, and is the best there is.
    if (Math.abs(time - expected) > tolerance && time !== Math.fround(expected)) {
      return refuse(frame, `${expected} s (frame ${frame} at ${fps} fps, within ${tolerance} s)`, `${time} s`);
    }
  }
  return E.right(Float32Array.from(given));
};

const checkNames = (
  place: EpisodePlace,
  expected: readonly (ColumnSpec | CameraSpec)[],
  given: { readonly [name: string]: unknown },
): E.Either<WriteError, void> => {
  const missing = expected.find(({ name }) => !Object.hasOwn(given, name));
  if (missing !== undefined) return E.left(refused(place, null, missing.name, 'given for every episode', 'absent'));
  const unknown = Object.keys(given).find((name) => !expected.some((feature) => feature.name === name));
  if (unknown === undefined) return E.right(undefined);
  const known = expected.map(({ name }) => name).join(', ') || 'none';
  return E.left(refused(place, null, unknown, `a feature of the dataset (${known})`, 'another one'));
};

/** Frames as the first column counts them; the others must agree. */
const checkLength = (
  place: EpisodePlace,
  { columns: [first] }: Layout,
  values: NewEpisode['values'],
): E.Either<WriteError, number> => {
  const { name, width } = first ?? { name: 'features', width: 1 };
  const count = values[name]?.length ?? 0;
  const expected = `one row of ${width} value${width === 1 ? '' : 's'} for each frame, at least one`;
  return count > 0 && count % width === 0
    ? E.right(count / width)
    : E.left(refused(place, null, name, expected, `${count} values`));
};

const named = <A, B>(
  items: readonly { readonly name: string }[],
  given: { readonly [name: string]: A },
  check: (name: string, value: A) => E.Either<WriteError, B>,
): E.Either<WriteError, ReadonlyMap<string, B>> =>
  pipe(
    items.flatMap(({ name }) => {
      const value = given[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
    E.traverseArray(([name, value]) =>
      pipe(
        check(name, value),
        E.map((checked) => [name, checked] as const),
      ),
    ),
    E.map((entries) => new Map(entries)),
  );

/**
 * Checks an episode against what the dataset is of.
 *
 * @errors `InvalidEpisode` for values that are missing, unknown, of another number or another type, for no frames, for tasks
 * without a text, for times that do not grow or are more than 1e-4 s off the frames; `NonFiniteValue`; `WrongPictureSize` and
 * `UndecodablePicture` for encoded pictures.
 */
export const checkEpisode = (
  layout: Layout,
  place: EpisodePlace,
  { task, values, cameras = {}, timestamps }: NewEpisode,
): E.Either<WriteError, CheckedEpisode> =>
  pipe(
    E.Do,
    E.tap(() => checkNames(place, layout.columns, values)),
    E.tap(() => checkNames(place, layout.cameras, cameras)),
    E.bind('length', () => checkLength(place, layout, values)),
    E.bind('tasks', ({ length }) => checkTasks(place, length, task)),
    E.bind('timestamp', ({ length }) => checkTimestamps(place, layout.fps, length, timestamps)),
    E.bind('columns', ({ length }) => {
      const of = new Map(layout.columns.map((column) => [column.name, column]));
      return named<ArrayLike<unknown>, ColumnValues>(layout.columns, values, (name, given) => {
        const column = of.get(name);
        return column === undefined ? E.right([]) : checkColumn(place, column, length, given);
      });
    }),
    E.bind('cameras', ({ length }) => {
      const of = new Map(layout.cameras.map((camera) => [camera.name, camera]));
      return named(layout.cameras, cameras, (name, frames) => {
        const camera = of.get(name);
        return camera === undefined ? E.right(frames) : checkFrames(place, camera, length, frames);
      });
    }),
    E.map((checked) => ({ index: place.episode, ...checked })),
  );
