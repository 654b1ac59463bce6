import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { manifestFile } from '../layout.js';
import type { FileRecord, Manifest } from '../manifest.js';
import { decodeManifest } from '../manifest-codec.js';
import { fileHash } from './file-hash.js';
import type { DirectoryEntry, FileSystem } from './file-system.js';

/** A checkpoint's files with every hash checked. */
export type VerifiedCheckpoint = {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names in the directory that the manifest does not know; they were not read. */
  readonly extraFiles: readonly string[];
};

type Effect<A> = TE.TaskEither<CheckpointError, A>;

const missing = (path: string, file: string): CheckpointError => ({ _tag: 'MissingFile', path, file });

const listing = (fs: FileSystem, path: string): Effect<ReadonlyMap<string, DirectoryEntry>> =>
  pipe(
    fs.list(path),
    TE.flatMap((entries) => (entries === undefined ? TE.left(missing(path, manifestFile)) : TE.right(entries))),
    TE.map((entries) => new Map(entries.map((entry) => [entry.name, entry]))),
  );

const readManifest = (fs: FileSystem, path: string): Effect<Manifest> =>
  pipe(
    fs.read(join(path, manifestFile)),
    TE.flatMapEither((bytes) => decodeManifest(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), path)),
  );

const readFile = (
  fs: FileSystem,
  path: string,
  file: string,
  record: FileRecord,
  found: DirectoryEntry | undefined,
): Effect<Uint8Array> => {
  if (found === undefined || found.isDirectory) return TE.left(missing(path, file));
  const { bytes: expected, sha256 } = record;
  if (found.bytes !== expected) return TE.left({ _tag: 'SizeDiffers', path, file, expected, actual: found.bytes });
  return pipe(
    fs.read(join(path, file)),
    TE.flatMap(
      (bytes): Effect<Uint8Array> =>
        fileHash(bytes) === sha256 ? TE.right(bytes) : TE.left({ _tag: 'HashMismatch', path, file }),
    ),
  );
};

/**
 * Reads a checkpoint and compares every file with the manifest.
 *
 * @errors `MissingFile`, `SizeDiffers`, `HashMismatch`, `BadManifest`, `CannotRead`.
 */
export const verifyCheckpoint = (path: string, fs: FileSystem): Effect<VerifiedCheckpoint> =>
  pipe(
    TE.Do,
    TE.bind('found', () => listing(fs, path)),
    TE.tap(({ found }) => (found.has(manifestFile) ? TE.right(undefined) : TE.left(missing(path, manifestFile)))),
    TE.bind('manifest', () => readManifest(fs, path)),
    TE.bind('files', ({ manifest, found }) =>
      TE.traverseSeqArray(([file, record]: readonly [string, FileRecord]) =>
        pipe(
          readFile(fs, path, file, record, found.get(file)),
          TE.map((bytes) => [file, bytes] as const),
        ),
      )(Object.entries(manifest.files)),
    ),
    TE.map(({ manifest, files, found }) => ({
      manifest,
      files: new Map(files),
      extraFiles: [...found.keys()]
        .filter((name) => name !== manifestFile && !Object.hasOwn(manifest.files, name))
        .sort(),
    })),
  );
