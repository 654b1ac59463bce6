import { dirname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { architectureFingerprint } from '../architecture.js';
import type { CheckpointError } from '../error.js';
import type { FileContent } from '../layout.js';
import { checkpointsFolder, manifestFile, paramsFile, stepName, temporaryName } from '../layout.js';
import type { FileRecord, ManifestFields } from '../manifest.js';
import { encodeManifest } from '../manifest-codec.js';
import { encodeSafetensors } from '../safetensors/encode.js';
import { fileHash } from './file-hash.js';
import type { FileSystem } from './file-system.js';
import { nodeFileSystem } from './node-file-system.js';

/** What one checkpoint holds beside the manifest: `params.safetensors` (tensors) and any other files. */
export type CheckpointContents = {
  readonly manifest: ManifestFields;
  readonly files: { readonly [name: string]: FileContent };
};

type Effect<A> = TE.TaskEither<CheckpointError, A>;
type NamedBytes = readonly [name: string, bytes: Uint8Array];

const encodeFile = (path: string, file: string, content: FileContent): E.Either<CheckpointError, NamedBytes> => {
  if (content instanceof Uint8Array) return E.right([file, content]);
  const bytes = encodeSafetensors(content);
  return E.isLeft(bytes)
    ? E.left({ _tag: 'BadSafetensors', path, file, error: bytes.left })
    : E.right([file, bytes.right]);
};

// Manifest last: a directory without one was never whole.
const encodeFiles = (path: string, contents: CheckpointContents): E.Either<CheckpointError, readonly NamedBytes[]> => {
  const params = contents.files[paramsFile];
  if (params === undefined || params instanceof Uint8Array)
    return E.left({ _tag: 'MissingFile', path, file: paramsFile });
  const encoded: NamedBytes[] = [];
  const files: [string, FileRecord][] = [];
  for (const [name, content] of Object.entries(contents.files)) {
    const file = encodeFile(path, name, content);
    if (E.isLeft(file)) return file;
    encoded.push(file.right);
    files.push([name, { bytes: file.right[1].byteLength, sha256: fileHash(file.right[1]) }]);
  }
  const architecture = architectureFingerprint(params.tensors);
  const manifest = { formatVersion: 1, ...contents.manifest, architecture, files: Object.fromEntries(files) } as const;
  return pipe(
    encodeManifest(manifest, path),
    E.map((text) => [...encoded, [manifestFile, new TextEncoder().encode(text)]]),
  );
};

const absent = (fs: FileSystem, path: string): Effect<void> =>
  pipe(
    fs.list(path),
    TE.flatMap(
      (names): Effect<void> => (names === undefined ? TE.right(undefined) : TE.left({ _tag: 'AlreadyExists', path })),
    ),
  );

const inOrder = (effects: readonly Effect<void>[]): Effect<void> =>
  pipe(
    TE.sequenceSeqArray(effects),
    TE.map(() => undefined),
  );

const publish = (fs: FileSystem, temporary: string, path: string, files: readonly NamedBytes[]): Effect<void> => {
  const parent = dirname(path);
  const writes = files.flatMap(([name, bytes]) => {
    const file = join(temporary, name);
    return [fs.write(file, bytes), fs.sync(file)];
  });
  return inOrder([
    fs.makeDirectory(temporary),
    ...writes,
    fs.sync(temporary),
    fs.rename(temporary, path),
    fs.sync(parent),
  ]);
};

// The first error is the one to report; a failed clean-up leaves a temporary directory that every reader ignores.
const cleaningUp = (fs: FileSystem, temporary: string, save: Effect<void>): Effect<void> =>
  pipe(
    save,
    TE.orElse((error) =>
      pipe(
        fs.remove(temporary),
        TE.matchE(
          () => TE.left(error),
          () => TE.left(error),
        ),
      ),
    ),
  );

/**
 * Writes a checkpoint to `<run>/checkpoints/<step>` so that it is there whole or not at all: files go to a temporary name beside it,
 * each is synced, then the directory, then one rename, then the parent directory.
 *
 * @param run - the run's directory; it is made if absent.
 * @returns the checkpoint's path, once it is durable.
 * @errors `AlreadyExists`, `CannotWrite`, `CannotRead`, `MissingFile` (no tensors under `params.safetensors`), `BadSafetensors`, `BadManifest`.
 * @law interrupted at any point, by the process or by the power, every checkpoint that can be seen is whole.
 */
export const saveCheckpoint = (
  run: string,
  contents: CheckpointContents,
  fs: FileSystem = nodeFileSystem,
): TE.TaskEither<CheckpointError, string> => {
  const parent = join(run, checkpointsFolder);
  const path = join(parent, stepName(contents.manifest.step));
  const temporary = join(parent, temporaryName(contents.manifest.step));
  return pipe(
    TE.fromEither(encodeFiles(path, contents)),
    TE.tap(() => fs.makeDirectory(parent)),
    TE.tap(() => absent(fs, path)),
    TE.tap(() => fs.remove(temporary)),
    TE.flatMap((files) => cleaningUp(fs, temporary, publish(fs, temporary, path, files))),
    TE.map(() => path),
  );
};
