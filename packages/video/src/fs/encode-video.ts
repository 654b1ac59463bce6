import { dirname } from 'node:path';
import { type FileError, nodeFileSystem } from '@torsor/files';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checkedSettings, type EncodeSettings, type FrameSource } from '../encode.js';
import type { VideoError } from '../error.js';
import { loadAv } from '../native/av.js';
import { encodeInto } from '../native/encode.js';

const onDisk = TE.mapLeft((error: FileError): VideoError => ({ _tag: 'FileFailed', error }));

/**
 * Encodes a video as LeRobot does (MP4, yuv420p, its quality settings): whole or not at all, in the place of one that is there.
 *
 * It is written under `<file>.tmp` beside it, put on the disk, and renamed.
 *
 * @returns how many frames were written; frame i is shown at `i / fps` seconds.
 * @errors `MissingLibrary`, `MissingEncoder`, `InvalidSetting`; `WrongFrameBytes`, `NoFrames`, `FramesFailed` where the frames
 * throw, `EncodingFailed`, `FileFailed`. An older file is then untouched.
 * @source LeRobot 0.6.1 `datasets/video_utils.py`
 */
export const encodeVideo = (
  file: string,
  frames: FrameSource,
  settings: EncodeSettings,
): TE.TaskEither<VideoError, number> => {
  const temporary = `${file}.tmp`;
  const written: TE.TaskEither<VideoError, number> = pipe(
    TE.fromEither(checkedSettings(file, settings)),
    TE.bindTo('checked'),
    TE.bind('av', () => loadAv()),
    TE.tap(() => onDisk(nodeFileSystem.makeDirectory(dirname(file)))),
    TE.tap(() => onDisk(nodeFileSystem.remove(temporary))),
    TE.flatMap(
      ({ checked: all, av }) =>
        () =>
          encodeInto(av, temporary, file, frames, all),
    ),
    TE.tap(() => onDisk(nodeFileSystem.sync(temporary))),
    TE.tap(() => onDisk(nodeFileSystem.rename(temporary, file))),
    TE.tap(() => onDisk(nodeFileSystem.sync(dirname(file)))),
  );
  return pipe(
    written,
    TE.orElseFirst(() => onDisk(nodeFileSystem.remove(temporary))),
  );
};
