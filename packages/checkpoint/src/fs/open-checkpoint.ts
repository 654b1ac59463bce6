import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type DirectoryEntry, type FileSystem, nodeFileSystem, readBytes, sha256Of, sha256OfFile } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { architectureFingerprint } from '../architecture.js';
import type { CheckpointError } from '../error.js';
import { type Expectations, meetsExpectations } from '../expectations.js';
import { manifestFile, paramsFile } from '../layout.js';
import type { FileRecord, Manifest } from '../manifest.js';
import { readManifest } from './read-manifest.js';
import type { TensorSource } from './stored-tensor.js';
import { closingAll, type OpenedFile, type OpenedFiles, openTensorFile, sourceOf } from './tensor-source.js';

/** A checkpoint whose bytes are exactly those that were saved, open for reading. */
export type OpenCheckpoint = {
  readonly path: string;
  readonly manifest: Manifest;
  /** Each `*.safetensors` file by name: what its tensors are, and a way to read any part of them, as `readTensor` does. */
  readonly sources: ReadonlyMap<string, TensorSource>;
  /** Bytes of every other file by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names in the directory that the manifest does not know; they were not read. */
  readonly extraFiles: readonly string[];
};

type Effect<A> = TE.TaskEither<CheckpointError, A>;

/** A checkpoint's directory before any of its files is opened; every file is there with the size that the manifest says. */
type Sized = Pick<OpenCheckpoint, 'path' | 'manifest' | 'extraFiles'>;

type NamedFile = readonly [file: string, record: FileRecord];

const missing = (path: string, file: string): CheckpointError => ({ _tag: 'MissingFile', path, file });

const damaged = (path: string, file: string): CheckpointError => ({ _tag: 'HashMismatch', path, file });

const listing = (fs: FileSystem, path: string): Effect<ReadonlyMap<string, DirectoryEntry>> =>
  pipe(
    fs.list(path),
    TE.map((entries) => new Map((entries ?? []).map((entry) => [entry.name, entry]))),
    TE.filterOrElse(
      (found) => found.has(manifestFile),
      () => missing(path, manifestFile),
    ),
  );

const sizesAgree = (path: string, manifest: Manifest, found: ReadonlyMap<string, DirectoryEntry>): Effect<void> => {
  for (const [file, { bytes: expected }] of Object.entries(manifest.files)) {
    const entry = found.get(file);
    if (entry === undefined || entry.isDirectory) return TE.left(missing(path, file));
    if (entry.bytes !== expected) return TE.left({ _tag: 'SizeDiffers', path, file, expected, actual: entry.bytes });
  }
  return TE.right(undefined);
};

const sized = (fs: FileSystem, path: string): Effect<Sized> =>
  pipe(
    TE.Do,
    TE.bind('found', () => listing(fs, path)),
    TE.bind('manifest', () => readManifest(fs, path)),
    TE.tap(({ found, manifest }) => sizesAgree(path, manifest, found)),
    TE.map(({ found, manifest }) => ({
      path,
      manifest,
      extraFiles: [...found.keys()]
        .filter((name) => name !== manifestFile && !Object.hasOwn(manifest.files, name))
        .sort(),
    })),
  );

const isTensors = ([file]: NamedFile): boolean => file.endsWith('.safetensors');

const same = (path: string, [file, { sha256 }]: NamedFile, actual: string): Effect<void> =>
  actual === sha256 ? TE.right(undefined) : TE.left(damaged(path, file));

// A header that is none is damage, unless it was saved so.
const openWhole = (fs: FileSystem, path: string, file: NamedFile): Effect<OpenedFile> =>
  pipe(
    openTensorFile(fs, path, file[0]),
    TE.orElse((error) =>
      error._tag !== 'BadSafetensors'
        ? TE.left(error)
        : pipe(
            sha256OfFile(fs, join(path, file[0])),
            TE.flatMap((actual) => same(path, file, actual)),
            TE.flatMap(() => TE.left(error)),
          ),
    ),
  );

const openFiles = (fs: FileSystem, { path, manifest }: Sized, opened: OpenedFiles): Effect<readonly NamedFile[]> => {
  const tensorFiles = Object.entries(manifest.files).filter(isTensors);
  return pipe(
    tensorFiles,
    TE.traverseSeqArray((file) =>
      pipe(
        openWhole(fs, path, file),
        TE.map((open) => opened.set(file[0], open)),
      ),
    ),
    TE.map(() => tensorFiles),
  );
};

const sourcesOf = (path: string, opened: OpenedFiles): E.Either<CheckpointError, ReadonlyMap<string, TensorSource>> => {
  const sources = new Map<string, TensorSource>();
  for (const [file, one] of opened) {
    const weights = { kind: 'checkpoint', directory: path, files: [file] } as const;
    const source = sourceOf(path, weights, new Map([[file, one]]), { mayBeEmpty: true });
    if (E.isLeft(source)) return source;
    sources.set(file, source.right);
  }
  return E.right(sources);
};

// The manifest, which has a hash of its own, vouches for names and shapes before the file's hash has been taken.
const isOwnArchitecture = ({ path, manifest }: Sized, params: TensorSource | undefined): Effect<void> =>
  params === undefined || architectureFingerprint(params.tensors) === manifest.architecture
    ? TE.right(undefined)
    : TE.left(damaged(path, paramsFile));

const verifyTensors = (path: string, files: readonly NamedFile[], opened: OpenedFiles): Effect<void> =>
  pipe(
    files,
    TE.traverseSeqArray((file) => {
      const open = opened.get(file[0]);
      return open === undefined
        ? TE.left(missing(path, file[0]))
        : pipe(
            sha256Of(open.file),
            TE.flatMap((actual) => same(path, file, actual)),
          );
    }),
    TE.map(() => undefined),
  );

const readSmallFiles = (fs: FileSystem, { path, manifest }: Sized): Effect<ReadonlyMap<string, Uint8Array>> =>
  pipe(
    Object.entries(manifest.files).filter((file) => !isTensors(file)),
    TE.traverseSeqArray((file) =>
      pipe(
        readBytes(fs, join(path, file[0])),
        TE.tap((bytes) => same(path, file, createHash('sha256').update(bytes).digest('hex'))),
        TE.map((bytes) => [file[0], bytes] as const),
      ),
    ),
    TE.map((files) => new Map(files)),
  );

/**
 * Opens a checkpoint, lets `use` read it tensor by tensor, and closes it.
 *
 * Manifest, sizes and headers come first, and what the caller expects is compared with them; then every file is read once, in pieces,
 * and its SHA-256 compared with the manifest. Only then does `use` begin, so that nothing of a damaged checkpoint is ever used. Memory
 * holds a piece of 4 MiB and the files that are not safetensors.
 *
 * @param path - the checkpoint's own directory, as `saveCheckpoint` or `latestCheckpoint` returned it.
 * @errors `MissingFile`, `SizeDiffers`, `HashMismatch`, `BadManifest`, `BadSafetensors`, `CannotRead`; `ConfigMismatch`,
 * `VocabularyMismatch`, `ArchitectureMismatch` and `StatisticsMismatch` against the expectations, with every difference; those of `use`.
 * @law `use` begins if and only if no byte of the checkpoint's files has changed and the expectations are met.
 */
export const withCheckpoint =
  (path: string, expectations: Expectations = {}, fs: FileSystem = nodeFileSystem) =>
  <X, A>(use: (checkpoint: OpenCheckpoint) => TE.TaskEither<X, A>): TE.TaskEither<CheckpointError | X, A> =>
    closingAll((opened) =>
      pipe(
        sized(fs, path),
        TE.bindTo('checkpoint'),
        TE.bind('tensorFiles', ({ checkpoint }) => openFiles(fs, checkpoint, opened)),
        TE.bind('sources', () => TE.fromEither(sourcesOf(path, opened))),
        TE.tap(({ checkpoint, sources }) => isOwnArchitecture(checkpoint, sources.get(paramsFile))),
        TE.tap(({ checkpoint: { manifest }, sources }) => {
          const params = sources.get(paramsFile)?.tensors;
          return TE.fromEither(meetsExpectations({ path, manifest, params }, expectations));
        }),
        TE.bind('files', ({ checkpoint }) => readSmallFiles(fs, checkpoint)),
        TE.tap(({ tensorFiles }) => verifyTensors(path, tensorFiles, opened)),
        TE.flatMap(
          ({ checkpoint, sources, files }): TE.TaskEither<CheckpointError | X, A> =>
            use({ ...checkpoint, sources, files }),
        ),
      ),
    );
