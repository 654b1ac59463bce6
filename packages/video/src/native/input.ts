import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { FormatContext, Stream } from 'node-av/lib';
import { codecNames, codecs, type VideoCodec } from '../codec.js';
import type { VideoFault } from '../error.js';
import { type Av, wordsOf } from './av.js';

/** An MP4 file open for reading coded frames. */
export type Input = {
  readonly file: string;
  readonly format: FormatContext;
  readonly stream: Stream;
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  /** Ticks in a second. */
  readonly rate: number;
};

const causeOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');

/** How a Git LFS pointer begins: what a clone has in place of a large file that was not fetched. */
const pointer = 'version https://git-lfs.github.com/spec/';

const beginningOf = (file: string): string => {
  const bytes = Buffer.alloc(pointer.length);
  const opened = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(opened, bytes)).toString('latin1');
  } finally {
    closeSync(opened);
  }
};

/** Opening a pipe would wait for ever, so that files are looked at before. */
export const checkFile = (file: string): E.Either<VideoFault, Stats> =>
  pipe(
    E.tryCatch(
      () => statSync(file),
      (thrown): VideoFault =>
        isAbsent(thrown) ? { _tag: 'MissingVideo', file } : { _tag: 'UnreadableVideo', file, cause: causeOf(thrown) },
    ),
    E.filterOrElse(
      (stats) => stats.isFile(),
      (): VideoFault => ({ _tag: 'UnreadableVideo', file, cause: 'it is no file' }),
    ),
    E.filterOrElse(
      ({ size }) => size > 0,
      (): VideoFault => ({ _tag: 'NotVideo', file, cause: 'it has no bytes' }),
    ),
    E.tap(() =>
      pipe(
        E.tryCatch(
          () => beginningOf(file),
          (thrown): VideoFault => ({ _tag: 'UnreadableVideo', file, cause: causeOf(thrown) }),
        ),
        E.filterOrElse(
          (beginning) => beginning !== pointer,
          (): VideoFault => ({ _tag: 'VideoPointer', file }),
        ),
      ),
    ),
  );

const inputOf = (av: Av, file: string, format: FormatContext): E.Either<VideoFault, Input> => {
  const stream = format.streams.find(({ codecpar }) => codecpar.codecType === av.AVMEDIA_TYPE_VIDEO);
  if (stream === undefined) return E.left({ _tag: 'NotVideo', file, cause: 'it has no pictures' });
  const { codecId, width, height } = stream.codecpar;
  const codec = codecNames.find((name) => av[codecs[name].id] === codecId);
  if (codec === undefined) {
    const found = stream.codecpar.codecTagString ?? `codec ${codecId}`;
    return E.left({ _tag: 'UnknownCodec', file, codec: found, known: codecNames });
  }
  const { num, den } = stream.timeBase;
  if (!(width > 0 && height > 0 && num > 0 && den > 0)) {
    return E.left({ _tag: 'NotVideo', file, cause: 'its header has no size or no clock' });
  }
  return E.right({ file, format, stream, codec, width, height, rate: den / num });
};

/**
 * Opens a video; `close` is the caller's.
 *
 * Only MP4 is read: other formats of FFmpeg open further files, and addresses, that a file names.
 *
 * @errors `MissingVideo`, `UnreadableVideo`, `VideoPointer`, `NotVideo`, `UnknownCodec`.
 */
export const openInput = (av: Av, file: string): E.Either<VideoFault, Input> =>
  pipe(
    checkFile(file),
    E.flatMap(() => {
      const format = new av.FormatContext();
      const opened = format.openInputSync(`file:${resolve(file)}`, av.InputFormat.findInputFormat('mov'));
      if (opened < 0) return E.left<VideoFault, Input>({ _tag: 'NotVideo', file, cause: wordsOf(av, opened) });
      const input = inputOf(av, file, format);
      if (E.isLeft(input)) format.closeInputSync();
      return input;
    }),
  );
