import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import { isObject, type JsonObject, parseJson } from '../json.js';
import { decodeFeature, type Feature } from './feature.js';
import { atLeastOne, count, field, invalid, positive, type Source, text, textOrNull } from './field.js';

/** `meta/info.json` of a dataset: what is common to its episodes. Keys that training does not use are not kept. */
export type DatasetInfo = {
  readonly codebaseVersion: string;
  readonly robotType: string | null;
  /** Frames per second. */
  readonly fps: number;
  readonly totalEpisodes: number;
  readonly totalFrames: number;
  /** Episodes per `chunk-…` directory. */
  readonly chunksSize: number;
  /** Path of an episode's parquet file, with `{episode_chunk:03d}` and `{episode_index:06d}`. */
  readonly dataPath: string;
  /** Path of an episode's video, with `{video_key}` too; null in a dataset without videos. */
  readonly videoPath: string | null;
  readonly features: ReadonlyMap<string, Feature>;
};

const decodeFeatures = (source: Source, object: JsonObject): E.Either<DataError, ReadonlyMap<string, Feature>> => {
  const value = object['features'];
  if (!isObject(value)) return E.left(invalid(source, 'features', 'an object', value));
  const features = new Map<string, Feature>();
  for (const [key, entry] of Object.entries(value)) {
    const feature = decodeFeature(source, key, entry);
    if (E.isLeft(feature)) return feature;
    features.set(key, feature.right);
  }
  return E.right(features);
};

/** Decodes an object that was read from `meta/info.json`. */
export const decodeInfo = (source: Source, object: JsonObject): E.Either<DataError, DatasetInfo> => {
  return pipe(
    E.Do,
    E.bind('codebaseVersion', () => field(source, object, 'codebase_version', text)),
    E.bind('robotType', () => field(source, { robot_type: null, ...object }, 'robot_type', textOrNull)),
    E.bind('fps', () => field(source, object, 'fps', positive)),
    E.bind('totalEpisodes', () => field(source, object, 'total_episodes', count)),
    E.bind('totalFrames', () => field(source, object, 'total_frames', count)),
    E.bind('chunksSize', () => field(source, object, 'chunks_size', atLeastOne)),
    E.bind('dataPath', () => field(source, object, 'data_path', text)),
    E.bind('videoPath', () => field(source, { video_path: null, ...object }, 'video_path', textOrNull)),
    E.bind('features', () => decodeFeatures(source, object)),
  );
};

/** Parses `meta/info.json` to an object, before its version is known. */
export const parseInfo = (file: string, content: string): E.Either<DataError, JsonObject> => {
  return pipe(
    parseJson(file, content),
    E.flatMap((value) =>
      isObject(value) ? E.right(value) : E.left(invalid({ file }, '(whole file)', 'an object', value)),
    ),
  );
};
