import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import type { Feature } from '../meta/feature.js';
import { atLeastOne, count, decode, positive } from '../meta/field.js';
import { type DatasetInfo, decodeInfo } from '../meta/info.js';
import type { WriteError } from './error.js';
import { type FeatureStats, quantileNames } from './feature-stats.js';
import { emptyInfo, type VideoCoding } from './info.js';
import type { FilePlace } from './place.js';
import type { CameraSpec, FileLimits, Layout } from './spec.js';

type Comparison = readonly [what: string, expected: unknown, found: unknown];

const featureComparisons = (
  name: string,
  own: Feature | undefined,
  found: Feature | undefined,
): readonly Comparison[] => {
  if (own === undefined || found === undefined)
    return [[`feature ${name}`, own?.dtype ?? 'absent', found?.dtype ?? 'absent']];
  return (['dtype', 'shape', 'names'] as const).map((key) => [`${key} of ${name}`, own[key], found[key]]);
};

const codecOf = (info: JsonObject, camera: string): Json | undefined => {
  const features = info['features'];
  const feature = isObject(features) ? features[camera] : undefined;
  const said = isObject(feature) ? feature['info'] : undefined;
  return isObject(said) ? said['video.codec'] : undefined;
};

const comparisons = (own: DatasetInfo, found: DatasetInfo): readonly Comparison[] => [
  ['version', own.codebaseVersion, found.codebaseVersion],
  ['fps', own.fps, found.fps],
  ['robot type', own.robotType, found.robotType],
  ...[...new Set([...own.features.keys(), ...found.features.keys()])].flatMap((name) =>
    featureComparisons(name, own.features.get(name), found.features.get(name)),
  ),
];

const limitsSchema = z.object({
  chunks_size: atLeastOne,
  data_files_size_in_mb: positive.default(100),
  video_files_size_in_mb: positive.default(200),
});

const decodeLimits = (file: string, info: JsonObject): E.Either<DataError, Required<FileLimits>> =>
  pipe(
    decode({ file }, limitsSchema, info),
    E.map((limits) => ({
      chunksSize: limits.chunks_size,
      dataFilesSizeInMb: limits.data_files_size_in_mb,
      videoFilesSizeInMb: limits.video_files_size_in_mb,
    })),
  );

/**
 * Whether a dataset is what it is to be continued as.
 *
 * @param info - its `meta/info.json`.
 * @returns its description, and the layout with the limits that its files were written with.
 * @errors `OtherDataset` for another version, rate, robot, feature or codec; `InvalidField`.
 */
export const checkContinued = (
  dir: string,
  file: string,
  layout: Layout,
  coding: VideoCoding | undefined,
  info: JsonObject,
): E.Either<WriteError, { readonly layout: Layout; readonly info: DatasetInfo }> =>
  pipe(
    E.Do,
    E.bind('own', () => decodeInfo({ file }, emptyInfo(layout, coding))),
    E.bind('info', () => decodeInfo({ file }, info)),
    E.bind('limits', () => decodeLimits(file, info)),
    E.flatMap(({ own, info: found, limits }): E.Either<WriteError, { layout: Layout; info: DatasetInfo }> => {
      const codecs = layout.cameras.map(({ name }): Comparison => {
        const said = codecOf(info, name) ?? coding?.codec;
        return [`codec of ${name}`, coding?.codec, said];
      });
      const videos: Comparison = ['video_path', own.videoPath === null, found.videoPath === null];
      const other = [...comparisons(own, found), ...(own.videoPath === null ? [] : [videos, ...codecs])].find(
        ([, a, b]) => JSON.stringify(a) !== JSON.stringify(b),
      );
      if (other === undefined) return E.right({ layout: { ...layout, limits }, info: found });
      const [what, expected, seen] = other;
      const shown = (value: unknown): string => JSON.stringify(value) ?? 'absent';
      return E.left({ _tag: 'OtherDataset', dir, what, expected: shown(expected), found: shown(seen) });
    }),
  );

/** A line of `meta/episodes`, as far as writing goes on from it. */
export type EpisodeLine = {
  readonly episode: number;
  readonly to: number;
  readonly data: FilePlace;
  readonly videos: ReadonlyMap<string, FilePlace>;
  /** By camera. */
  readonly stats: ReadonlyMap<string, FeatureStats>;
};

const statKeys = ['min', 'max', 'mean', 'std', 'count', ...quantileNames] as const;

const placeKeys = ['episode_index', 'dataset_to_index', 'data/chunk_index', 'data/file_index'] as const;

/** The columns of `meta/episodes` that writing goes on from. */
export const lineColumns = ({ cameras }: Layout): readonly string[] => [
  ...placeKeys,
  ...cameras.flatMap(({ name, dtype }) => [
    ...(dtype === 'video' ? [`videos/${name}/chunk_index`, `videos/${name}/file_index`] : []),
    ...statKeys.map((key) => `stats/${name}/${key}`),
  ]),
];

const colourWords = 'a list of three numbers, each in two lists';

/** Statistics of a camera as LeRobot shapes them, `[3, 1, 1]`. */
const colours = z
  .array(z.array(z.array(z.number(colourWords))), colourWords)
  .transform((of) => of.flat(2))
  .readonly();

const statsSchema = z.object({
  min: colours,
  max: colours,
  mean: colours,
  std: colours,
  count: z.array(count).transform(([first]) => first ?? 0),
  q01: colours,
  q10: colours,
  q50: colours,
  q90: colours,
  q99: colours,
});

const placeSchema = z.object({ chunk_index: count, file_index: count });

const toPlace = (found: z.infer<typeof placeSchema>): FilePlace => ({
  chunk: found.chunk_index,
  file: found.file_index,
});

type Source = { readonly file: string; readonly row: number };

const part = (record: JsonObject, prefix: string, keys: readonly string[]): Json =>
  Object.fromEntries(keys.map((key) => [key, record[`${prefix}/${key}`] ?? null]));

const decodePlace = (source: Source, record: JsonObject, prefix: string): E.Either<DataError, FilePlace> =>
  E.map(toPlace)(decode(source, placeSchema, part(record, prefix, ['chunk_index', 'file_index']), [prefix]));

const byCamera = <A>(
  cameras: readonly CameraSpec[],
  of: (camera: string) => E.Either<DataError, A>,
): E.Either<DataError, ReadonlyMap<string, A>> =>
  pipe(
    cameras,
    E.traverseArray(({ name }) => E.map((found: A) => [name, found] as const)(of(name))),
    E.map((entries) => new Map(entries)),
  );

/** Decodes a line of `meta/episodes`. @errors `InvalidField`. */
export const decodeLine = (source: Source, { cameras }: Layout, record: JsonObject): E.Either<DataError, EpisodeLine> =>
  pipe(
    E.Do,
    E.bind('said', () => decode(source, z.object({ episode_index: count, dataset_to_index: count }), record)),
    E.bind('data', () => decodePlace(source, record, 'data')),
    E.bind('videos', () =>
      byCamera(
        cameras.filter(({ dtype }) => dtype === 'video'),
        (name) => decodePlace(source, record, `videos/${name}`),
      ),
    ),
    E.bind('stats', () =>
      byCamera(cameras, (name) =>
        decode(source, statsSchema, part(record, `stats/${name}`, statKeys), [`stats/${name}`]),
      ),
    ),
    E.map(({ said, ...line }) => ({ episode: said.episode_index, to: said.dataset_to_index, ...line })),
  );

/** The place that a path says, of a file of `meta/episodes`. */
export const placeOf = (path: string): FilePlace | undefined => {
  const [, chunk, file] = /chunk-(\d+)\/file-(\d+)\.parquet$/.exec(path) ?? [];
  return chunk === undefined || file === undefined ? undefined : { chunk: Number(chunk), file: Number(file) };
};
