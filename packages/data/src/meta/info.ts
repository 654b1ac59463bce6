import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { DataError } from '../error.js';
import { type JsonObject, parseJson } from '../json.js';
import { decodeFeature, type Feature } from './feature.js';
import { atLeastOne, count, decode, positive, type Source, text, textOrNull } from './field.js';

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

const infoSchema = z.object({
  codebase_version: text,
  robot_type: textOrNull,
  fps: positive,
  total_episodes: count,
  total_frames: count,
  chunks_size: atLeastOne,
  data_path: text,
  video_path: textOrNull,
  features: z.record(z.string(), z.json(), 'an object'),
});

const decodeFeatures = (
  source: Source,
  features: z.infer<typeof infoSchema>['features'],
): E.Either<DataError, ReadonlyMap<string, Feature>> =>
  pipe(
    Object.entries(features),
    E.traverseArray(([key, entry]) =>
      pipe(
        decodeFeature(source, key, entry),
        E.map((feature) => [key, feature] as const),
      ),
    ),
    E.map((entries) => new Map(entries)),
  );

/** Decodes an object that was read from `meta/info.json`. */
export const decodeInfo = (source: Source, object: JsonObject): E.Either<DataError, DatasetInfo> =>
  pipe(
    E.Do,
    E.bind('info', () => decode(source, infoSchema, object)),
    E.bind('features', ({ info }) => decodeFeatures(source, info.features)),
    E.map(({ info, features }) => ({
      codebaseVersion: info.codebase_version,
      robotType: info.robot_type,
      fps: info.fps,
      totalEpisodes: info.total_episodes,
      totalFrames: info.total_frames,
      chunksSize: info.chunks_size,
      dataPath: info.data_path,
      videoPath: info.video_path,
      features,
    })),
  );

/** Parses `meta/info.json` to an object, before its version is known. */
export const parseInfo = (file: string, content: string): E.Either<DataError, JsonObject> =>
  pipe(
    parseJson(file, content),
    E.flatMap((value) => decode({ file }, z.record(z.string(), z.json(), 'an object'), value)),
  );
