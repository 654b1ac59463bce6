import * as E from 'fp-ts/lib/Either.js';
import type { VideoFault } from '../error.js';
import type { Av } from './av.js';
import { checkFile } from './input.js';
import { type OpenVideo, openVideo } from './video.js';

/** Videos that stay open, a bounded number of them. */
export type Videos = {
  readonly open: (file: string) => E.Either<VideoFault, OpenVideo>;
  readonly close: () => void;
};

/** Keeps at most so many videos open; the one used longest ago is closed first, and one whose file has changed at once. */
export const keepVideos = (av: Av, most: number): Videos => {
  const kept = new Map<string, { readonly video: OpenVideo; readonly version: string }>();
  const close = (file: string): void => {
    kept.get(file)?.video.close();
    kept.delete(file);
  };
  const keep = (file: string, video: OpenVideo, version: string): void => {
    // A map keeps the order in which its keys were set: the first is the one used longest ago.
    kept.delete(file);
    kept.set(file, { video, version });
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      close(oldest);
    }
  };
  return {
    open: (file) => {
      const checked = checkFile(file);
      if (E.isLeft(checked)) {
        close(file);
        return checked;
      }
      const version = `${checked.right.ino}/${checked.right.size}/${checked.right.mtimeMs}`;
      const known = kept.get(file);
      if (known?.version === version) {
        keep(file, known.video, version);
        return E.right(known.video);
      }
      close(file);
      const opened = openVideo(av, file);
      if (E.isRight(opened)) keep(file, opened.right, version);
      return opened;
    },
    close: () => {
      for (const file of [...kept.keys()]) close(file);
    },
  };
};
