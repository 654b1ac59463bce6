import { isObject, type Json, type JsonObject } from '../json.js';
import { templates } from './place.js';
import { type CameraSpec, type ColumnSpec, countingColumns, isCameraSpec, type Layout } from './spec.js';

/** How videos are encoded, as `meta/info.json` records it. */
export type VideoCoding = {
  /** `av1`, `h264`, … */
  readonly codec: string;
  /** `yuv420p` without it. */
  readonly pixelFormat?: string;
};

const videoInfo = ({ height, width }: CameraSpec, fps: number, { codec, pixelFormat }: VideoCoding): JsonObject => ({
  'video.height': height,
  'video.width': width,
  'video.codec': codec,
  'video.pix_fmt': pixelFormat ?? 'yuv420p',
  'video.fps': fps,
  'video.channels': 3,
  has_audio: false,
  is_depth_map: false,
});

const featureInfo = (feature: ColumnSpec | CameraSpec, fps: number, coding: VideoCoding | undefined): JsonObject => {
  if (!isCameraSpec(feature)) return { dtype: feature.dtype, shape: [feature.width], names: feature.names };
  const camera = {
    dtype: feature.dtype,
    shape: [feature.height, feature.width, 3],
    names: ['height', 'width', 'channels'],
  };
  return feature.dtype === 'video' && coding !== undefined
    ? { ...camera, info: videoInfo(feature, fps, coding) }
    : camera;
};

/** What a dataset holds so far. */
export type Totals = { readonly episodes: number; readonly frames: number; readonly tasks: number };

/** `meta/info.json` with other totals; everything else as it is. */
export const withTotals = (info: JsonObject, { episodes, frames, tasks }: Totals): JsonObject => ({
  ...info,
  total_episodes: episodes,
  total_frames: frames,
  total_tasks: tasks,
  splits: { ...(isObject(info['splits']) ? info['splits'] : {}), train: `0:${episodes}` },
});

/** `meta/info.json` of a dataset without episodes. @source LeRobot 0.6.1 `datasets/utils.py` `DatasetInfo` */
export const emptyInfo = (layout: Layout, coding: VideoCoding | undefined): JsonObject => {
  const { fps, robotType, limits, cameras } = layout;
  const features: Record<string, Json> = {};
  for (const feature of [...layout.features, ...countingColumns]) {
    features[feature.name] = featureInfo(feature, fps, coding);
  }
  return {
    codebase_version: 'v3.0',
    fps,
    features,
    total_episodes: 0,
    total_frames: 0,
    total_tasks: 0,
    chunks_size: limits.chunksSize,
    data_files_size_in_mb: limits.dataFilesSizeInMb,
    video_files_size_in_mb: limits.videoFilesSizeInMb,
    data_path: templates.data,
    video_path: cameras.some(({ dtype }) => dtype === 'video') ? templates.video : null,
    robot_type: robotType,
    splits: {},
  };
};

/** A JSON file as LeRobot indents it. */
export const showJson = (value: Json): string => JSON.stringify(value, undefined, 4);
