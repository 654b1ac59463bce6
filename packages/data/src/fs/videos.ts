import { basename, dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DataError } from '../error.js';
import { namesIn } from './files.js';

/** One video file that a dataset declares, relative to its root. */
export type DeclaredVideo = {
  readonly camera: string;
  readonly file: string;
};

/** As many missing files as a message names. */
const named = 3;

/** Checks that declared videos exist, one directory listing for each directory. */
export const requireVideos = (root: string, videos: readonly DeclaredVideo[]): TE.TaskEither<DataError, void> => {
  const directories = [...new Set(videos.map((video) => dirname(video.file)))];
  return pipe(
    directories,
    TE.traverseArray((dir) =>
      pipe(
        namesIn(join(root, dir)),
        TE.map((names) => [dir, names] as const),
      ),
    ),
    TE.flatMapEither((listings): E.Either<DataError, void> => {
      const present = new Map(listings);
      const missing = videos.filter((video) => !present.get(dirname(video.file))?.has(basename(video.file)));
      if (missing.length === 0) return E.right(undefined);
      const files = missing.slice(0, named).map((video) => video.file);
      const cameras = [...new Set(missing.map((video) => video.camera))];
      return E.left({ _tag: 'MissingVideos', files, count: missing.length, cameras });
    }),
  );
};
