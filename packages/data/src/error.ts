import { nearestKey } from '@torsor/tree';

/** Where inside a file a value was found wrong. */
export type FieldFault = {
  readonly file: string;
  /** One-based line of a JSON-lines file. */
  readonly line?: number;
  /** Row of a parquet table. */
  readonly row?: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
};

/** Which picture of a dataset. */
export type PicturePlace = {
  readonly dataset: string;
  readonly episode: number;
  readonly frame: number;
  readonly camera: string;
};

/** Everything that reading or preparing a dataset can refuse, each naming what it is about. */
export type DataError =
  | { readonly _tag: 'MissingDataset'; readonly dir: string }
  | { readonly _tag: 'MissingFile'; readonly file: string; readonly purpose: string }
  | { readonly _tag: 'UnreadableFile'; readonly file: string; readonly cause: string }
  | { readonly _tag: 'MalformedJson'; readonly file: string; readonly line: number; readonly cause: string }
  | ({ readonly _tag: 'InvalidField' } & FieldFault)
  | { readonly _tag: 'NotUtf8'; readonly file: string }
  | { readonly _tag: 'LfsPointer'; readonly file: string }
  | {
      readonly _tag: 'UnknownVersion';
      readonly file: string;
      readonly found: string;
      readonly known: readonly string[];
    }
  | {
      readonly _tag: 'MissingFeature';
      readonly file: string;
      /** What it would be: state or action. */
      readonly role: 'state' | 'action';
      readonly feature: string;
      readonly present: readonly string[];
    }
  | { readonly _tag: 'EmptyDataset'; readonly dir: string }
  | { readonly _tag: 'CountMismatch'; readonly what: string; readonly declared: number; readonly counted: number }
  | { readonly _tag: 'UnknownEpisode'; readonly episode: number; readonly available: number }
  | { readonly _tag: 'UnknownCamera'; readonly camera: string; readonly cameras: readonly string[] }
  | {
      readonly _tag: 'MissingVideos';
      readonly files: readonly string[];
      readonly count: number;
      readonly cameras: readonly string[];
    }
  | { readonly _tag: 'MissingParquet'; readonly file: string; readonly episodes: readonly number[] }
  | { readonly _tag: 'CorruptParquet'; readonly file: string; readonly cause: string }
  | {
      readonly _tag: 'MissingColumn';
      readonly file: string;
      readonly column: string;
      readonly present: readonly string[];
    }
  | {
      readonly _tag: 'WrongColumnType';
      readonly file: string;
      readonly column: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly _tag: 'WrongWidth';
      readonly file: string;
      readonly column: string;
      readonly row: number;
      readonly expected: number;
      readonly found: number;
    }
  | { readonly _tag: 'NullValue'; readonly file: string; readonly column: string; readonly row: number }
  | {
      readonly _tag: 'RowCountMismatch';
      readonly file: string;
      /** Those that the metadata places in the file. */
      readonly episodes: readonly number[];
      readonly expected: number;
      readonly found: number;
    }
  | {
      readonly _tag: 'WrongIndex';
      readonly file: string;
      readonly column: string;
      readonly row: number;
      readonly expected: number;
      readonly found: number;
    }
  | {
      readonly _tag: 'UnknownTask';
      readonly episode: number;
      readonly frame: number;
      readonly taskIndex: number;
      readonly known: readonly number[];
    }
  | {
      readonly _tag: 'NonFiniteValue';
      readonly file: string;
      readonly feature: string;
      readonly episode: number;
      readonly frame: number;
      readonly joint: string;
      readonly value: number;
    }
  | {
      readonly _tag: 'ShapeMismatch';
      readonly what: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly _tag: 'OtherJoints';
      readonly what: 'state' | 'action';
      /** Wanted, but not in the dataset; and the other way round. */
      readonly missing: readonly string[];
      readonly extra: readonly string[];
    }
  | { readonly _tag: 'SampleOutOfRange'; readonly index: number; readonly samples: number }
  | { readonly _tag: 'MissingQuantiles'; readonly what: string }
  | { readonly _tag: 'TooFewEpisodes'; readonly episodes: number; readonly heldOut: number }
  | { readonly _tag: 'TooFewVectors'; readonly count: number }
  | { readonly _tag: 'UnknownPictures'; readonly camera: string; readonly cameras: readonly string[] }
  | { readonly _tag: 'VideosNotDecoded'; readonly camera: string; readonly files: readonly string[] }
  /** What a reader of pictures says in its own words. */
  | { readonly _tag: 'UnreadPicture'; readonly camera: string; readonly reason: string }
  | ({ readonly _tag: 'UndecodablePicture'; readonly cause: string } & PicturePlace)
  | ({
      readonly _tag: 'WrongPictureSize';
      readonly expected: readonly [height: number, width: number];
      readonly found: readonly [height: number, width: number];
    } & PicturePlace);

const list = (items: readonly (string | number)[], most = 8): string =>
  items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;

const showEpisodes = (episodes: readonly number[]): string =>
  episodes.length === 1 ? `episode ${episodes[0]}` : `episodes ${list(episodes)}`;

const leaving = (cameras: readonly string[]): string => `withoutCameras ${JSON.stringify(cameras)} leaves them out`;

type Shown<Tag extends DataError['_tag']> = Extract<DataError, { readonly _tag: Tag }>;

const imagesOnly = 'Videos are decoded by @torsor/video; here pictures are read that are stored as image features.';

const showPlace = ({ dataset, episode, frame, camera }: PicturePlace): string =>
  `${dataset}: the picture ${camera} of episode ${episode}, frame ${frame}`;

const showUnknownPictures = ({ camera, cameras }: Shown<'UnknownPictures'>): string => {
  const near = nearestKey(camera, cameras);
  const instead = near === undefined ? `There are: ${list(cameras)}` : `The nearest is ${near}`;
  return `There are no pictures ${camera}${cameras.length === 0 ? ': the dataset has no cameras, or was read without them' : `. ${instead}`}.`;
};

const showMissingVideos = (files: readonly string[], count: number, cameras: readonly string[]): string => {
  const rest = count > files.length ? `\n  … and ${count - files.length} more` : '';
  return (
    `${count} video file${count === 1 ? '' : 's'} that meta/info.json declares ${count === 1 ? 'is' : 'are'} missing:\n` +
    `${files.map((file) => `  ${file}`).join('\n')}${rest}\n` +
    `Copy them, or read the dataset without these cameras: ${leaving(cameras)}.`
  );
};

const showField = (e: Shown<'InvalidField'>): string =>
  `${e.file}${e.line === undefined ? '' : `, line ${e.line}`}${e.row === undefined ? '' : `, row ${e.row}`}: field ${e.field} should be ${e.expected}, but it is ${e.found}.`;

const printers: { readonly [Tag in DataError['_tag']]: (error: Shown<Tag>) => string } = {
  MissingDataset: (e) => `No dataset directory at ${e.dir}. Give the directory that holds meta/ and data/.`,
  MissingFile: (e) => `${e.file} is missing; it holds ${e.purpose}. Copy the whole dataset, meta/ included.`,
  UnreadableFile: (e) => `${e.file} cannot be read: ${e.cause}.`,
  MalformedJson: (e) =>
    `${e.file}, line ${e.line}: not valid JSON (${e.cause}). The file may be cut short; copy it again.`,
  InvalidField: showField,
  NotUtf8: (e) => `${e.file} is not UTF-8, in which LeRobot writes. Write it again in UTF-8.`,
  LfsPointer: (e) => `${e.file} is a Git LFS pointer, not the file itself. Fetch the files: git lfs pull.`,
  UnknownVersion: (e) =>
    `${e.file}: codebase_version ${e.found} is not read here; ${list(e.known)} are. Older datasets can be converted by LeRobot's own scripts.`,
  MissingFeature: (e) =>
    `${e.file}: no feature ${e.feature}, which the ${e.role} would be read from. Say which is (columns.${e.role}); the dataset has: ${list(e.present, 20)}.`,
  EmptyDataset: (e) => `The dataset in ${e.dir} has no episodes. Record or select at least one.`,
  CountMismatch: (e) =>
    `${e.what}: meta/info.json declares ${e.declared}, but the episodes in meta/ add up to ${e.counted}. One of the two is stale.`,
  UnknownEpisode: (e) =>
    `Episode ${e.episode} was named, but the dataset has ${e.available} episodes and not that one.`,
  UnknownCamera: (e) =>
    `There is no camera ${e.camera} to leave out. ${e.cameras.length ? `The dataset has: ${list(e.cameras)}` : 'The dataset has no cameras'}.`,
  MissingVideos: (e) => showMissingVideos(e.files, e.count, e.cameras),
  MissingParquet: (e) =>
    `${e.file} is missing; it holds ${showEpisodes(e.episodes)}. Copy it, or select other episodes.`,
  CorruptParquet: (e) => `${e.file} is not a whole parquet file (${e.cause}). It may be cut short; copy it again.`,
  MissingColumn: (e) => `${e.file}: no column ${e.column}. The file has: ${list(e.present, 20)}.`,
  WrongColumnType: (e) => `${e.file}: column ${e.column} should hold ${e.expected}, but it holds ${e.found}.`,
  WrongWidth: (e) =>
    `${e.file}: column ${e.column}, row ${e.row}: ${e.found} values where meta/info.json gives the feature ${e.expected}.`,
  NullValue: (e) => `${e.file}: column ${e.column}, row ${e.row}: a value is null. Every frame needs a value.`,
  RowCountMismatch: (e) =>
    `${e.file}: ${e.found} rows, but the metadata gives ${showEpisodes(e.episodes)} ${e.expected}. One of the two is stale, or the file is another one.`,
  WrongIndex: (e) => `${e.file}: column ${e.column}, row ${e.row}: ${e.found} where ${e.expected} should follow.`,
  UnknownTask: (e) =>
    `Episode ${e.episode}, frame ${e.frame}: task_index ${e.taskIndex} has no text among the tasks in meta/, which are ${list(e.known)}.`,
  NonFiniteValue: (e) =>
    `${e.file}: ${e.feature} of episode ${e.episode}, frame ${e.frame}, joint ${e.joint} is ${e.value}. Repair it or leave the episode out.`,
  OtherJoints: (e) =>
    `The ${e.what} of the dataset is of another robot: ${[
      ...(e.missing.length === 0 ? [] : [`it has no ${list(e.missing)}`]),
      ...(e.extra.length === 0 ? [] : [`${list(e.extra)} ${e.extra.length === 1 ? 'is' : 'are'} not known`]),
    ].join('; ')}.`,
  ShapeMismatch: (e) => `${e.what} should be ${e.expected}, but it is ${e.found}.`,
  SampleOutOfRange: (e) => `Sample ${e.index} was asked for, but samples are numbered 0 to ${e.samples - 1}.`,
  MissingQuantiles: (e) =>
    `The statistics of ${e.what} have no q01 and q99, which quantile normalization needs. Compute them, or use mean_std.`,
  TooFewEpisodes: (e) =>
    `${e.episodes} episode${e.episodes === 1 ? '' : 's'} cannot be split with ${e.heldOut} held out: at least one must be left to train on.`,
  UnknownPictures: showUnknownPictures,
  VideosNotDecoded: (e) =>
    `${e.camera} is a video${e.files.length === 0 ? '' : ` (${list(e.files)})`}. ${imagesOnly} Read the dataset without it: ${leaving([e.camera])}.`,
  UnreadPicture: (e) => e.reason,
  UndecodablePicture: (e) => `${showPlace(e)} cannot be decoded (${e.cause}). Repair it or leave the episode out.`,
  WrongPictureSize: (e) =>
    `${showPlace(e)} is ${e.found.join('x')} pixels (height x width), where meta/info.json gives the camera ${e.expected.join('x')}.`,
  TooFewVectors: (e) => `Statistics need at least 2 vectors, but there ${e.count === 1 ? 'is' : 'are'} ${e.count}.`,
};

/** The sentence that a person reads: what is wrong, where, what was expected and what to do. */
export const showDataError = (error: DataError): string => {
  const print: (error: never) => string = printers[error._tag];
  return print(error as never);
};
