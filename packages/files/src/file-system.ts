import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';

/** One name in a directory; `bytes` is the size of a file (of the one that a link leads to) and 0 for a directory. */
export type DirectoryEntry = {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  readonly bytes: number;
};

/** Adds bytes to the end of a file that is being written; they may be overwritten once it has answered. */
export type Put = (bytes: Uint8Array) => TE.TaskEither<FileError, void>;

/** A file open for reading at any place. */
export type OpenFile = {
  readonly bytes: number;
  /**
   * Fills `target` with the bytes from `offset` on.
   *
   * @errors `CannotRead`, also when the file ends before.
   */
  readonly read: (offset: number, target: Uint8Array) => TE.TaskEither<FileError, void>;
  readonly close: () => Promise<void>;
};

/** File operations, each of which may fail with `CannotRead` or `CannotWrite`. No file is ever wanted in memory whole. */
export type FileSystem = {
  /** Makes a directory and those above it, durably; one that exists is left as it is. */
  readonly makeDirectory: (path: string) => TE.TaskEither<FileError, void>;
  /** Writes a new file, piece by piece; durable only after `sync`. */
  readonly write: <X>(
    path: string,
    fill: (put: Put) => TE.TaskEither<X, unknown>,
  ) => TE.TaskEither<FileError | X, void>;
  /** Waits until a file's bytes, or the names in a directory, are on the disk. */
  readonly sync: (path: string) => TE.TaskEither<FileError, void>;
  /** Gives a file or directory another name; a file takes the place of one that has it. */
  readonly rename: (from: string, to: string) => TE.TaskEither<FileError, void>;
  /** Removes a file or a directory with its content; absent ones are no error. */
  readonly remove: (path: string) => TE.TaskEither<FileError, void>;
  /** Names in a directory; `undefined` when there is no such directory. */
  readonly list: (path: string) => TE.TaskEither<FileError, readonly DirectoryEntry[] | undefined>;
  /** Opens a file for reading; whoever opens it closes it. */
  readonly open: (path: string) => TE.TaskEither<FileError, OpenFile>;
};
