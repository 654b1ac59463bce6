import type { PicturePlace, Size } from '@torsor/data';
import { type FileError, showFileError } from '@torsor/files';

/** What decoding or encoding can refuse, before it is known whose picture was wanted. Times are seconds of the video file. */
export type VideoFault =
  | { readonly _tag: 'MissingLibrary'; readonly library: string; readonly reason: string }
  | { readonly _tag: 'MissingVideo'; readonly file: string }
  | { readonly _tag: 'UnreadableVideo'; readonly file: string; readonly cause: string }
  | { readonly _tag: 'VideoPointer'; readonly file: string }
  | { readonly _tag: 'NotVideo'; readonly file: string; readonly cause: string }
  | { readonly _tag: 'UnknownCodec'; readonly file: string; readonly codec: string; readonly known: readonly string[] }
  | { readonly _tag: 'TruncatedVideo'; readonly file: string; readonly declared: number; readonly found: number }
  | { readonly _tag: 'DamagedVideo'; readonly file: string; readonly time: number | null; readonly cause: string }
  | {
      readonly _tag: 'NoFrameAtTime';
      readonly file: string;
      readonly time: number;
      /** Of the frame that is nearest, where there is any. */
      readonly nearest: number | null;
      readonly tolerance: number;
    }
  | { readonly _tag: 'WrongVideoSize'; readonly file: string; readonly expected: Size; readonly found: Size }
  | { readonly _tag: 'UndecodableImage'; readonly cause: string }
  | { readonly _tag: 'WrongImageSize'; readonly expected: Size; readonly found: Size }
  | { readonly _tag: 'NoVideoOfEpisode'; readonly cameras: readonly string[] }
  | {
      readonly _tag: 'OutsideEpisode';
      readonly file: string;
      readonly time: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly _tag: 'FrameOutOfRange'; readonly length: number }
  | { readonly _tag: 'WorkerDied'; readonly work: string; readonly attempts: number; readonly cause: string }
  | { readonly _tag: 'InvalidThreads'; readonly found: number }
  | { readonly _tag: 'DecodersClosed'; readonly work: string }
  | { readonly _tag: 'MissingEncoder'; readonly file: string; readonly codec: string; readonly encoder: string }
  | {
      readonly _tag: 'InvalidSetting';
      readonly file: string;
      readonly setting: string;
      readonly expected: string;
      readonly found: number;
    }
  | {
      readonly _tag: 'WrongFrameBytes';
      readonly file: string;
      readonly frame: number;
      readonly expected: number;
      readonly found: number;
    }
  | { readonly _tag: 'NoFrames'; readonly file: string }
  | { readonly _tag: 'FramesFailed'; readonly file: string; readonly frame: number; readonly cause: string }
  | { readonly _tag: 'EncodingFailed'; readonly file: string; readonly frame: number; readonly cause: string }
  | { readonly _tag: 'FileFailed'; readonly error: FileError };

/** A fault, and whose picture was wanted. */
export type PlacedError = VideoFault & { readonly place: PicturePlace };

/** A fault, and whose picture was wanted where that is known. */
export type VideoError = VideoFault & { readonly place?: PicturePlace };

type Shown<Tag extends VideoFault['_tag']> = Extract<VideoFault, { readonly _tag: Tag }>;

const seconds = (time: number): string => `${Number(time.toFixed(6))} s`;

const pixels = ([height, width]: Size): string => `${height}x${width}`;

const showNoFrame = ({ file, time, nearest, tolerance }: Shown<'NoFrameAtTime'>): string => {
  const found = nearest === null ? 'it has no frame there' : `the nearest is at ${seconds(nearest)}`;
  return `${file}: a frame at ${seconds(time)} is wanted, within ${tolerance} s, but ${found}. The metadata is of another video, or stale: copy both again.`;
};

const printers: { readonly [Tag in VideoFault['_tag']]: (fault: Shown<Tag>) => string } = {
  MissingLibrary: (f) =>
    `Videos are decoded by ${f.library}, which cannot be loaded (${f.reason}). Install it: npm install ${f.library}. A camera can also be left out.`,
  MissingVideo: (f) => `${f.file} is missing. Copy the whole dataset, videos/ included, or leave the camera out.`,
  UnreadableVideo: (f) => `${f.file} cannot be read: ${f.cause}.`,
  VideoPointer: (f) => `${f.file} is a Git LFS pointer, not the video itself. Fetch the files: git lfs pull.`,
  NotVideo: (f) => `${f.file} is no MP4 video (${f.cause}). It may be cut short; copy it again.`,
  UnknownCodec: (f) =>
    `${f.file} holds ${f.codec}, where ${f.known.join(', ')} are decoded. Encode it again as one of them.`,
  TruncatedVideo: (f) =>
    `${f.file} declares ${f.declared} frames but holds ${f.found}: it is cut short; copy it again.`,
  DamagedVideo: (f) =>
    `${f.file} is damaged${f.time === null ? '' : ` before or at ${seconds(f.time)}`} (${f.cause}). Copy it again, or leave the episode out.`,
  NoFrameAtTime: showNoFrame,
  WrongVideoSize: (f) =>
    `${f.file} is ${pixels(f.found)} pixels (height x width), where meta/info.json gives the camera ${pixels(f.expected)}. One of the two is stale.`,
  UndecodableImage: (f) => `it cannot be decoded (${f.cause}). Repair it or leave the episode out.`,
  WrongImageSize: (f) =>
    `it is ${pixels(f.found)} pixels (height x width), where meta/info.json gives the camera ${pixels(f.expected)}.`,
  NoVideoOfEpisode: (f) =>
    `the metadata gives the episode no pictures of this camera${f.cameras.length === 0 ? '' : `, but of ${f.cameras.join(', ')}`}. Leave the episode or the camera out.`,
  OutsideEpisode: (f) =>
    `${f.file}: the frame would be at ${seconds(f.time)}, but the metadata gives the episode ${seconds(f.from)} to ${seconds(f.to)}. One of the two is stale.`,
  FrameOutOfRange: (f) => `the episode has frames 0 to ${f.length - 1}.`,
  WorkerDied: (f) =>
    `The thread that decoded ${f.work} died ${f.attempts} times (${f.cause}). The file may be damaged: decode it elsewhere, or leave it out.`,
  InvalidThreads: (f) => `Threads that decode should be a whole number, at least 1, but are ${f.found}.`,
  DecodersClosed: (f) => `${f.work} was asked for, but the decoders are closed. Ask before closing them.`,
  MissingEncoder: (f) =>
    `${f.file}: the installed node-av has no ${f.encoder}, which encodes ${f.codec}. Choose another codec.`,
  InvalidSetting: (f) => `${f.file}: ${f.setting} should be ${f.expected}, but it is ${f.found}.`,
  WrongFrameBytes: (f) =>
    `${f.file}: frame ${f.frame} should be ${f.expected} bytes (height x width x 3), but it is ${f.found}.`,
  NoFrames: (f) => `${f.file}: there are no frames to encode. Give at least one.`,
  FramesFailed: (f) => `${f.file}: frame ${f.frame} could not be had (${f.cause}). Nothing was written.`,
  EncodingFailed: (f) => `${f.file}: frame ${f.frame} could not be encoded (${f.cause}). Nothing was written.`,
  FileFailed: (f) => `${showFileError(f.error)}.`,
};

/** The sentence that a person reads: whose picture, what is wrong, what was expected and what to do. */
export const showVideoError = (error: VideoError): string => {
  const print: (fault: never) => string = printers[error._tag];
  const { place } = error;
  const whose =
    place === undefined
      ? ''
      : `${place.dataset}: the picture ${place.camera} of episode ${place.episode}, frame ${place.frame}: `;
  return `${whose}${print(error as never)}`;
};
