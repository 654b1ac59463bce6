import type { VideoPlace } from './meta/episode-record.js';
import type { Feature } from './meta/feature.js';
import type { DatasetInfo } from './meta/info.js';

/** A place where time jumps: the first frame after it, and the seconds between that frame and the one before. */
export type Gap = { readonly frame: number; readonly seconds: number };

/** Where the pictures of an episode lie: in a column of a parquet file, from a row on. */
export type PictureRows = { readonly file: string; readonly first: number };

/** One recorded episode, its frames as flat row-major arrays. `l` = frames, `sd`/`ad` = state and action dimensions. */
export type Episode = {
  readonly index: number;
  /** Frames `l`. */
  readonly length: number;
  /** Task texts as the metadata lists them. */
  readonly tasks: readonly string[];
  /** `f32[l, sd]` in the dataset's own units. */
  readonly state: Float32Array;
  /** `f32[l, ad]` in the dataset's own units. */
  readonly action: Float32Array;
  /** `i32[l]` key into `Dataset.tasks`. */
  readonly taskIndex: Int32Array;
  /** `f32[l]` seconds since the episode's start. */
  readonly timestamp: Float32Array;
  /** Where its time jumps, ascending: windows end there. */
  readonly gaps: readonly Gap[];
  /** Where the encoded pictures (PNG or JPEG) of each `image` feature lie, by feature. */
  readonly pictures: ReadonlyMap<string, PictureRows>;
  /** Which part of which file each `video` feature is, of those that were read; files are relative to `Dataset.root`. */
  readonly videos: ReadonlyMap<string, VideoPlace>;
};

/** A dataset in memory: everything but its pictures and videos. LeRobot records no units, so neither does this; the caller's configuration names them. */
export type Dataset = {
  readonly root: string;
  readonly info: DatasetInfo;
  /** Frames per second. */
  readonly fps: number;
  readonly robotType: string | null;
  readonly features: ReadonlyMap<string, Feature>;
  readonly stateNames: readonly string[];
  readonly actionNames: readonly string[];
  /** Camera features that are trained with: all but those left out on reading. */
  readonly cameras: readonly string[];
  readonly tasks: ReadonlyMap<number, string>;
  /** What a user is told of the dataset, a sentence each. */
  readonly notes: readonly string[];
  /** Ascending by index; only those selected. */
  readonly episodes: readonly Episode[];
};
