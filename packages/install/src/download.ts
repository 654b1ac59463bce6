import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { InstallError, InstallTask } from './error.js';
import { atomicDirectory, exists, onFiles, verifyHash } from './files.js';

/** Receives one line of progress. */
export type Log = (line: string) => void;

/** What identifies a download: what is asked for, and the hash its file must have. */
export type Pin = {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
};

/** A pin as a line of a manifest. */
export const pinLine = ({ name, version, sha256 }: Pin): string => {
  return `${name} ${version} ${sha256}`;
};

const onlyFile = (directory: string): InstallTask<string> => {
  return pipe(
    onFiles(directory, () => readdir(directory)),
    TE.flatMap((names) => {
      const [name, ...others] = names;
      return name !== undefined && others.length === 0
        ? TE.right(join(directory, name))
        : TE.left<InstallError>({
            _tag: 'FileSystem',
            path: directory,
            reason: `expected one downloaded file, found ${names.length}`,
          });
    }),
  );
};

/**
 * Downloads one file into a directory of its own and verifies its sha256. A finished download survives an interrupted run and is
 * not fetched again; half a one never gets the final name.
 *
 * @param downloads - directory that keeps finished downloads.
 * @param pin - which file.
 * @param fetch - puts the file, and nothing else, into the directory it is given.
 * @returns path of the file.
 * @errors those of `fetch`, `HashMismatch`, `FileSystem`.
 */
export const downloadPinned = (
  downloads: string,
  pin: Pin,
  fetch: (into: string) => InstallTask<unknown>,
): InstallTask<string> => {
  const directory = join(downloads, `${pin.name.replace('/', '-')}-${pin.version}-${pin.sha256.slice(0, 12)}`);
  return pipe(
    TE.fromTask<boolean, InstallError>(() => exists(directory)),
    TE.flatMap((present) =>
      present ? TE.right(undefined) : TE.map(() => undefined)(atomicDirectory(directory, fetch)),
    ),
    TE.flatMap(() => onlyFile(directory)),
    TE.flatMap((file) => verifyHash(file, pin.sha256)),
  );
};
