import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InstallError, InstallTask } from './error.js';
import { atomicDirectory, exists, onFiles, readText, sha256, writeText } from './files.js';

const manifestFile = 'manifest.json';

/** What an installed directory was made of; written beside it as JSON. */
export type Manifest = Readonly<Record<string, string | number | readonly string[]>>;

/** Something to install, whole or not at all. */
export type Installation<X, T> = {
  /** The directory to make. */
  readonly directory: string;
  /** Where it keeps finished downloads until it is done. */
  readonly downloads: string;
  /** The file, relative to the directory, whose hash the manifest states. */
  readonly artefact: string;
  /** The manifest that the pins of this version lead to, given the hash of the artefact. */
  readonly manifest: (sha256: string) => Manifest;
  /** Finds what is needed, before anything is written. */
  readonly prepare: InstallTask<T>;
  /** Fills the directory and tries the result; an error leaves nothing behind but finished downloads. */
  readonly fill: (into: string, prepared: T) => TE.TaskEither<X, unknown>;
};

const textOf = (manifest: Manifest): string => `${JSON.stringify(manifest, undefined, 2)}\n`;

const hasManifest = async (directory: string, manifest: Manifest): Promise<boolean> => {
  const path = join(directory, manifestFile);
  return (await exists(path)) && (await readText(path)) === textOf(manifest);
};

/**
 * Whether a directory holds exactly what its installation would make now.
 *
 * @errors `FileSystem`.
 */
export const isInstalled = <X, T>(
  installation: Pick<Installation<X, T>, 'directory' | 'artefact' | 'manifest'>,
): InstallTask<boolean> => {
  const { directory, artefact, manifest } = installation;
  const file = join(directory, artefact);
  return pipe(
    TE.fromTask<boolean, InstallError>(() => exists(file)),
    TE.flatMap((there) => (there ? sha256(file) : TE.right(''))),
    TE.flatMap((hash) => onFiles(directory, () => hasManifest(directory, manifest(hash)))),
  );
};

/**
 * Makes a directory of the cache unless it is there, whole and unchanged; its downloads are removed when it is done.
 *
 * @returns true when an earlier run had already made it.
 * @errors those of `prepare` and `fill`, and `FileSystem`.
 */
export const installOnce = <X, T>(installation: Installation<X, T>): TE.TaskEither<X | InstallError, boolean> => {
  const { directory, downloads, artefact, manifest, prepare, fill } = installation;
  const place = (prepared: T): TE.TaskEither<X | InstallError, boolean> =>
    pipe(
      atomicDirectory<X | InstallError, void>(directory, (into) =>
        pipe(
          fill(into, prepared),
          TE.flatMap(() => sha256(join(into, artefact))),
          TE.flatMap((hash) => onFiles(into, () => writeText(join(into, manifestFile), textOf(manifest(hash))))),
        ),
      ),
      TE.flatMap(() => onFiles(downloads, () => rm(downloads, { recursive: true, force: true }))),
      TE.map(() => false),
    );
  return pipe(
    isInstalled(installation),
    TE.flatMap((done) => (done ? TE.right(true) : TE.flatMap(place)(prepare))),
  );
};
