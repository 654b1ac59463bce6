import { join } from 'node:path';
import { type FileSystem, nodeFileSystem, wholeDirectory } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { architectureFingerprint } from '../architecture.js';
import type { CheckpointError } from '../error.js';
import { checkpointsFolder, manifestFile, paramsFile, stepName, temporaryName } from '../layout.js';
import type { Manifest, ManifestFields } from '../manifest.js';
import { encodeManifest } from '../manifest-codec.js';
import type { FileContent } from '../tensor-file.js';
import {
  type DeclaredTensors,
  declareTensors,
  type NamedRecord,
  writeSmallFile,
  writeTensorFile,
} from './write-tensor-file.js';

/** What one checkpoint holds beside the manifest: `params.safetensors` (tensors) and any other files. */
export type CheckpointContents<X = never> = {
  readonly manifest: ManifestFields;
  readonly files: { readonly [name: string]: FileContent<X> };
};

type NamedFile<X> = readonly [name: string, content: Uint8Array | DeclaredTensors<X>];

/** Everything that is known before the first byte is written. */
type Prepared<X> = {
  readonly files: readonly NamedFile<X>[];
  /** The manifest's text, given the sizes and hashes of the files. */
  readonly manifest: (records: readonly NamedRecord[]) => E.Either<CheckpointError, string>;
};

const declareFiles = <X>(
  path: string,
  { files }: CheckpointContents<X>,
): E.Either<CheckpointError, readonly NamedFile<X>[]> => {
  const declared: NamedFile<X>[] = [];
  for (const [name, content] of Object.entries(files)) {
    const file = content instanceof Uint8Array ? E.right(content) : declareTensors(path, name, content);
    if (E.isLeft(file)) return file;
    declared.push([name, file.right]);
  }
  return E.right(declared);
};

const noHash = '0'.repeat(64);

const prepare = <X>(path: string, contents: CheckpointContents<X>): E.Either<CheckpointError, Prepared<X>> => {
  const params = contents.files[paramsFile];
  if (params === undefined || params instanceof Uint8Array)
    return E.left({ _tag: 'MissingFile', path, file: paramsFile });
  const architecture = architectureFingerprint(new Map(params.tensors.map((tensor) => [tensor.name, tensor])));
  const manifest: Prepared<X>['manifest'] = (records) => {
    const whole: Manifest = {
      formatVersion: 1,
      ...contents.manifest,
      architecture,
      files: Object.fromEntries(records),
    };
    return encodeManifest(whole, path);
  };
  // A manifest that will be refused is refused now, with sizes and hashes still to come.
  const trial = manifest(Object.keys(contents.files).map((name) => [name, { bytes: 0, sha256: noHash }]));
  return pipe(
    trial,
    E.flatMap(() => declareFiles(path, contents)),
    E.map((files) => ({ files, manifest })),
  );
};

// Manifest last: a directory without one was never whole.
const fill = <X>(
  fs: FileSystem,
  { files, manifest }: Prepared<X>,
  directory: string,
): TE.TaskEither<CheckpointError | X, void> =>
  pipe(
    files,
    TE.traverseSeqArray(
      ([name, content]): TE.TaskEither<CheckpointError | X, NamedRecord> =>
        content instanceof Uint8Array
          ? writeSmallFile(fs, directory, name, content)
          : writeTensorFile(fs, directory, name, content),
    ),
    TE.flatMapEither(manifest),
    TE.flatMap(
      (text): TE.TaskEither<CheckpointError | X, NamedRecord> =>
        writeSmallFile(fs, directory, manifestFile, new TextEncoder().encode(text)),
    ),
    TE.map(() => undefined),
  );

/**
 * Writes a checkpoint to `<run>/checkpoints/<step>` so that it is there whole or not at all: files go to a temporary name beside it,
 * each is synced, then the directory, then one rename, then the parent directory.
 *
 * Tensors are asked for one at a time, in the order of the file, and written in pieces: beside the state, memory holds one tensor of
 * `fetchedTensor` or one piece of a `TensorToSave` of the caller's own, however large the checkpoint is.
 *
 * @param run - the run's directory; it is made if absent.
 * @returns the checkpoint's path, once it is durable.
 * @errors `AlreadyExists`, `CannotWrite`, `CannotRead`, `MissingFile` (no tensors under `params.safetensors`), `BadSafetensors` (also
 * for a tensor that gives more or fewer bytes than its shape has), `BadManifest`, those of the tensors.
 * @law interrupted at any point, by the process or by the power, every checkpoint that can be seen is whole.
 */
export const saveCheckpoint = <X = never>(
  run: string,
  contents: CheckpointContents<X>,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError | X, string> => {
  const parent = join(run, checkpointsFolder);
  const { step } = contents.manifest;
  const path = join(parent, stepName(step));
  return pipe(
    TE.fromEither(prepare(path, contents)),
    TE.flatMap((prepared) =>
      wholeDirectory(fs, { path, temporary: join(parent, temporaryName(step)) })((directory) =>
        fill(fs, prepared, directory),
      ),
    ),
    TE.map(() => path),
  );
};
