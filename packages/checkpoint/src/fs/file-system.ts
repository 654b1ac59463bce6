import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';

/** One name in a directory; `bytes` is the size of a file and 0 for a directory. */
export type DirectoryEntry = {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly bytes: number;
};

/** The file operations that checkpoints need, each of which may fail with `CannotRead` or `CannotWrite`. */
export type FileSystem = {
  /** Makes a directory and those above it, durably; one that exists is left as it is. */
  readonly makeDirectory: (path: string) => TE.TaskEither<CheckpointError, void>;
  /** Writes a new file; durable only after `sync`. */
  readonly write: (path: string, bytes: Uint8Array) => TE.TaskEither<CheckpointError, void>;
  /** Waits until a file's bytes, or the names in a directory, are on the disk. */
  readonly sync: (path: string) => TE.TaskEither<CheckpointError, void>;
  readonly rename: (from: string, to: string) => TE.TaskEither<CheckpointError, void>;
  /** Removes a file or a directory with its content; absent ones are no error. */
  readonly remove: (path: string) => TE.TaskEither<CheckpointError, void>;
  /** Names in a directory; `undefined` when there is no such directory. */
  readonly list: (path: string) => TE.TaskEither<CheckpointError, readonly DirectoryEntry[] | undefined>;
  readonly read: (path: string) => TE.TaskEither<CheckpointError, Uint8Array>;
};
