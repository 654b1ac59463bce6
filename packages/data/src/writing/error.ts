import { type FileError, showFileError } from '@torsor/files';
import { type DataError, showDataError } from '../error.js';

/** What only writing refuses: each names the feature, the episode and the frame that it is about. */
export type WriteRefusal =
  /** A feature, a rate or a limit that a dataset cannot have. */
  | {
      readonly _tag: 'InvalidFeature';
      readonly feature: string;
      readonly expected: string;
      readonly found: string;
    }
  /** Values of an episode that are not what the dataset is of; `frame` null where it is about all of them. */
  | {
      readonly _tag: 'InvalidEpisode';
      readonly episode: number;
      readonly frame: number | null;
      readonly feature: string;
      readonly expected: string;
      readonly found: string;
    }
  /** A dataset that is to be continued and is of something else. */
  | {
      readonly _tag: 'OtherDataset';
      readonly dir: string;
      readonly what: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly _tag: 'VideoNotEncoded';
      readonly episode: number;
      readonly camera: string;
      readonly cause: string;
    }
  /** What an interrupted recording left that is not whole. */
  | { readonly _tag: 'BrokenRecording'; readonly file: string; readonly cause: string }
  | { readonly _tag: 'WriterClosed'; readonly dir: string };

/** Everything that writing a dataset can refuse: of its values, of a dataset that it reads to continue, and of the disk. */
export type WriteError = WriteRefusal | DataError | FileError;

type Shown<Tag extends WriteRefusal['_tag']> = Extract<WriteRefusal, { readonly _tag: Tag }>;

const printers: { readonly [Tag in WriteRefusal['_tag']]: (error: Shown<Tag>) => string } = {
  InvalidFeature: (e) => `${e.feature} should be ${e.expected}, but it is ${e.found}.`,
  InvalidEpisode: (e) =>
    `Episode ${e.episode}${e.frame === null ? '' : `, frame ${e.frame}`}: ${e.feature} should be ${e.expected}, but it is ${e.found}. The episode was not written.`,
  OtherDataset: (e) =>
    `${e.dir} cannot be continued: its ${e.what} is ${e.found}, not ${e.expected}. Write another dataset, or say what this one is of.`,
  VideoNotEncoded: (e) =>
    `The video ${e.camera} of episode ${e.episode} was not encoded (${e.cause}). The episode was not written.`,
  BrokenRecording: (e) =>
    `${e.file}, left by an interrupted recording, cannot be read (${e.cause}). Remove it and the later ones; those episodes are lost.`,
  WriterClosed: (e) => `The writer of ${e.dir} is closed. Open the dataset for appending to add episodes.`,
};

const isRefusal = (error: WriteError): error is WriteRefusal => Object.hasOwn(printers, error._tag);

const isFileError = (error: DataError | FileError): error is FileError =>
  error._tag === 'CannotWrite' || error._tag === 'CannotRead' || error._tag === 'AlreadyExists';

/** The sentence that a person reads: what is wrong, where, what was expected. */
export const showWriteError = (error: WriteError): string => {
  if (!isRefusal(error)) return isFileError(error) ? showFileError(error) : showDataError(error);
  const print: (error: never) => string = printers[error._tag];
  return print(error as never);
};
