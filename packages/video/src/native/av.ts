import * as TE from 'fp-ts/lib/TaskEither.js';
import type { VideoFault } from '../error.js';

type Library = typeof import('node-av/lib');
type Constants = typeof import('node-av/constants');

/** FFmpeg as `node-av` binds it. */
export type Av = Library & Constants;

const library = 'node-av';

/** A package of 175 MB, which only a user with videos needs: `import` finds it, or does not. */
const fromPackage = async (): Promise<Av> => {
  const [functions, constants] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
  return { ...functions, ...constants };
};

const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]?.trim() ?? '';

/**
 * FFmpeg, which then writes nothing to the terminal.
 *
 * @errors `MissingLibrary` where `node-av` is not installed, or has no binary for this machine.
 */
export const loadAv = (importing: () => Promise<Av> = fromPackage): TE.TaskEither<VideoFault, Av> =>
  TE.tryCatch(
    async () => {
      const av = await importing();
      av.Log.setLevel(av.AV_LOG_QUIET);
      return av;
    },
    (thrown): VideoFault => ({ _tag: 'MissingLibrary', library, reason: reasonOf(thrown) }),
  );

/** FFmpeg's own words for a negative result. */
export const wordsOf = (av: Av, code: number): string => av.FFmpegError.strerror(code);
