import type { KeyValue } from 'hyparquet';
import type { Json } from '../json.js';
import type { CheckedEpisode, ColumnValues } from './episode.js';
import { encodedOf } from './frames.js';
import { type CameraSpec, type ColumnSpec, countingColumns, isCameraSpec, type Layout } from './spec.js';
import type { CellType, TableColumn } from './table.js';

const cellTypes: { readonly [dtype in ColumnSpec['dtype']]: CellType } = {
  float32: 'float',
  int64: 'int',
  bool: 'bool',
  string: 'text',
};

const cellOf: { readonly [dtype in ColumnSpec['dtype']]: (value: number | string) => unknown } = {
  float32: (value) => value,
  int64: (value) => BigInt(value),
  bool: (value) => value === 1,
  string: (value) => value,
};

/** A vector of one dimension is a plain column. */
const valuesColumn = ({ name, dtype, width }: ColumnSpec, values: ColumnValues): TableColumn => {
  const cells = Array.from<number | string, unknown>(values, cellOf[dtype]);
  const type = cellTypes[dtype];
  if (width === 1) return { name, type, depth: 0, data: cells };
  const rows = Array.from({ length: cells.length / width }, (_, row) => cells.slice(row * width, (row + 1) * width));
  return { name, type, depth: 1, data: rows };
};

const picturesColumn = (camera: CameraSpec, { length, cameras }: CheckedEpisode): TableColumn => ({
  name: camera.name,
  type: 'picture',
  data: Array.from({ length }, (_, frame) => ({
    bytes: encodedOf(camera, cameras.get(camera.name) ?? [], frame),
    path: `frame-${String(frame).padStart(6, '0')}.png`,
  })),
});

/** The columns of every frame that are counted. */
export const countedValues = (
  { index, length, tasks, timestamp }: CheckedEpisode,
  from: number,
  taskIndex: ReadonlyMap<string, number>,
): ReadonlyMap<string, ColumnValues> => {
  const each = (value: (frame: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, frame) => value(frame));
  return new Map<string, ColumnValues>([
    ['timestamp', timestamp],
    ['frame_index', each((frame) => frame)],
    ['episode_index', each(() => index)],
    ['index', each((frame) => from + frame)],
    ['task_index', each((frame) => taskIndex.get(tasks[frame] ?? '') ?? -1)],
  ]);
};

/** Features that lie in the data files, in the order of their columns. */
const storedFeatures = ({ features }: Layout): readonly (ColumnSpec | CameraSpec)[] => [
  ...features.filter(({ dtype }) => dtype !== 'video'),
  ...countingColumns,
];

/** The rows of an episode, given the columns that are counted. */
export const dataColumns = (
  layout: Layout,
  episode: CheckedEpisode,
  counted: ReadonlyMap<string, ColumnValues>,
): readonly TableColumn[] =>
  storedFeatures(layout).map((feature) =>
    isCameraSpec(feature)
      ? picturesColumn(feature, episode)
      : valuesColumn(feature, episode.columns.get(feature.name) ?? counted.get(feature.name) ?? []),
  );

const huggingFaceFeature = (feature: ColumnSpec | CameraSpec): Json => {
  if (isCameraSpec(feature)) return { _type: 'Image' };
  const value = { dtype: feature.dtype, _type: 'Value' };
  return feature.width === 1 ? value : { feature: value, length: feature.width, _type: 'List' };
};

/** What Hugging Face's `datasets` (4 and later) reads the types of columns from. */
export const dataMetadata = (layout: Layout): KeyValue[] => {
  const features = Object.fromEntries(
    storedFeatures(layout).map((feature) => [feature.name, huggingFaceFeature(feature)]),
  );
  return [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }];
};
