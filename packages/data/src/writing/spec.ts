import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { WriteError } from './error.js';

/** A vector, or a single number or boolean, of every frame. */
export type NumberFeature = {
  readonly dtype: 'float32' | 'int64' | 'bool';
  readonly shape: readonly [width: number];
  /** A label per dimension. */
  readonly names?: readonly string[];
};

/** A text of every frame. */
export type TextFeature = { readonly dtype: 'string'; readonly shape: readonly [width: 1] };

/** A picture of every frame: PNG inside the data files, or a video. */
export type CameraFeature = {
  readonly dtype: 'image' | 'video';
  readonly shape: readonly [height: number, width: number, channels: 3];
};

/** A feature of a dataset that is written, as `meta/info.json` has it. */
export type FeatureSpec = NumberFeature | TextFeature | CameraFeature;

/** When a file is full and the next one begins. */
export type FileLimits = {
  /** Files in a `chunk-…` directory; 1000 without it. */
  readonly chunksSize?: number;
  /** MiB of a data file, 100 without it. An episode that is larger has a file of its own. */
  readonly dataFilesSizeInMb?: number;
  /** MiB of a video; recorded and not used, since every episode has a video of its own. 200 without it. */
  readonly videoFilesSizeInMb?: number;
};

/** What a dataset that is written is of. */
export type DatasetSpec = {
  /** Frames per second, a whole number. */
  readonly fps: number;
  readonly robotType?: string | null;
  /** By LeRobot's names: `observation.state`, `action`, `observation.images.<camera>`, and others. Counting columns are added. */
  readonly features: { readonly [name: string]: FeatureSpec };
  readonly limits?: FileLimits;
};

/** Values of every frame that lie in the data files. */
export type ColumnSpec = {
  readonly name: string;
  readonly dtype: 'float32' | 'int64' | 'bool' | 'string';
  /** Values per frame. */
  readonly width: number;
  readonly names: readonly string[] | null;
};

/** Pictures of every frame. */
export type CameraSpec = {
  readonly name: string;
  readonly dtype: 'image' | 'video';
  /** Pixels. */
  readonly height: number;
  readonly width: number;
};

/** A specification that is checked. */
export type Layout = {
  readonly fps: number;
  readonly robotType: string | null;
  readonly limits: Required<FileLimits>;
  /** In the order of the specification. */
  readonly features: readonly (ColumnSpec | CameraSpec)[];
  readonly columns: readonly ColumnSpec[];
  readonly cameras: readonly CameraSpec[];
};

/** Columns that are counted, not given. @source LeRobot 0.6.1 `utils/constants.py` `DEFAULT_FEATURES` */
export const countingColumns: readonly ColumnSpec[] = (
  [
    ['timestamp', 'float32'],
    ['frame_index', 'int64'],
    ['episode_index', 'int64'],
    ['index', 'int64'],
    ['task_index', 'int64'],
  ] as const
).map(([name, dtype]) => ({ name, dtype, width: 1, names: null }));

/** Whether a feature is pictures. */
export const isCameraSpec = (feature: ColumnSpec | CameraSpec): feature is CameraSpec =>
  feature.dtype === 'image' || feature.dtype === 'video';

const invalid = (feature: string, expected: string, found: unknown): E.Either<WriteError, never> =>
  E.left({ _tag: 'InvalidFeature', feature, expected, found: JSON.stringify(found) ?? 'absent' });

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1;

const dtypes: readonly string[] = ['float32', 'int64', 'bool', 'string', 'image', 'video'];

const checkCamera = (name: string, { dtype, shape }: CameraFeature): E.Either<WriteError, CameraSpec> => {
  const [height, width] = shape;
  const isRight = [...shape].length === 3 && shape[2] === 3 && isCount(height) && isCount(width);
  return isRight ? E.right({ name, dtype, height, width }) : invalid(name, 'of shape [height, width, 3]', shape);
};

const checkColumn = (name: string, spec: NumberFeature | TextFeature): E.Either<WriteError, ColumnSpec> => {
  const { dtype, shape } = spec;
  const [width]: readonly number[] = shape;
  if (shape.length !== 1 || !isCount(width)) return invalid(name, 'of shape [width], 1 or more', shape);
  if (dtype === 'string' && width > 1) return invalid(name, 'of shape [1]', shape);
  const names = ('names' in spec ? spec.names : undefined) ?? null;
  if (names !== null && names.length !== width) return invalid(name, `with ${width} names`, names);
  return E.right({ name, dtype, width, names });
};

const isCamera = (spec: FeatureSpec): spec is CameraFeature => spec.dtype === 'image' || spec.dtype === 'video';

const checkFeature = (name: string, spec: FeatureSpec): E.Either<WriteError, ColumnSpec | CameraSpec> => {
  if (!/^[^/\\]+$/.test(name) || name.startsWith('.')) {
    return invalid(name, 'a name without slashes that does not begin with a dot', name);
  }
  if (countingColumns.some((column) => column.name === name)) {
    return invalid(name, 'left out: it is counted by the writer', spec.dtype);
  }
  if (!dtypes.includes(spec.dtype)) return invalid(name, `of dtype ${dtypes.join(', ')}`, spec.dtype);
  return isCamera(spec) ? checkCamera(name, spec) : checkColumn(name, spec);
};

const defaults: Required<FileLimits> = { chunksSize: 1000, dataFilesSizeInMb: 100, videoFilesSizeInMb: 200 };

const checkLimits = (limits: FileLimits): E.Either<WriteError, Required<FileLimits>> => {
  const all = { ...defaults, ...limits };
  if (!isCount(all.chunksSize)) return invalid('limits.chunksSize', 'a whole number, 1 or more', all.chunksSize);
  for (const key of ['dataFilesSizeInMb', 'videoFilesSizeInMb'] as const) {
    if (!(all[key] > 0)) return invalid(`limits.${key}`, 'a number above 0', all[key]);
  }
  return E.right(all);
};

/**
 * Checks what a dataset is to be of.
 *
 * @errors `InvalidFeature` for rates, names, dtypes, shapes and limits that LeRobot could not read.
 */
export const checkSpec = (spec: DatasetSpec): E.Either<WriteError, Layout> =>
  pipe(
    E.Do,
    E.filterOrElse(
      () => isCount(spec.fps),
      (): WriteError => ({
        _tag: 'InvalidFeature',
        feature: 'fps',
        expected: 'a whole number, 1 or more',
        found: String(spec.fps),
      }),
    ),
    E.bind('limits', () => checkLimits(spec.limits ?? {})),
    E.bind('features', () =>
      pipe(
        Object.entries(spec.features),
        E.traverseArray(([name, feature]) => checkFeature(name, feature)),
      ),
    ),
    E.flatMap(({ limits, features }) => {
      const columns = features.filter((feature): feature is ColumnSpec => !isCameraSpec(feature));
      const cameras = features.filter(isCameraSpec);
      if (columns.length === 0)
        return invalid('features', 'at least one that is no camera', Object.keys(spec.features));
      return E.right({ fps: spec.fps, robotType: spec.robotType ?? null, limits, features, columns, cameras });
    }),
  );
