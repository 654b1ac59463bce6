import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';

/** One name in a directory; `bytes` is the size of a file and 0 for a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly bytes: number;
}

type Effect<A> = TE.TaskEither<CheckpointError, A>;

/** The file operations that checkpoints need, each of which may fail with `CannotRead` or `CannotWrite`. */
export interface FileSystem {
  /** Makes a directory and those above it, durably; one that exists is left as it is. */
  readonly makeDirectory: (path: string) => Effect<void>;
  /** Writes a new file; durable only after `sync`. */
  readonly write: (path: string, bytes: Uint8Array) => Effect<void>;
  /** Waits until a file's bytes, or the names in a directory, are on the disk. */
  readonly sync: (path: string) => Effect<void>;
  readonly rename: (from: string, to: string) => Effect<void>;
  /** Removes a file or a directory with its content; absent ones are no error. */
  readonly remove: (path: string) => Effect<void>;
  /** Names in a directory; `undefined` when there is no such directory. */
  readonly list: (path: string) => Effect<readonly DirectoryEntry[] | undefined>;
  readonly read: (path: string) => Effect<Uint8Array>;
}
