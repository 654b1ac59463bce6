import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileError, FileSystem, Put } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import type { FileRecord } from '../manifest.js';
import { type DeclaredFile, declareFile } from '../safetensors/declared.js';
import type { SafetensorsError } from '../safetensors/error.js';
import type { TensorFile, TensorToSave } from '../tensor-file.js';

/** Size and hash of a file, by its name. */
export type NamedRecord = readonly [name: string, record: FileRecord];

/** A safetensors file whose header is known and whose tensors are not. */
export type DeclaredTensors<X> = DeclaredFile<TensorToSave<X>>;

type Effect<X, A> = TE.TaskEither<CheckpointError | X, A>;

const bad = (path: string, file: string, error: SafetensorsError): CheckpointError => ({
  _tag: 'BadSafetensors',
  path,
  file,
  error,
});

/** The header of a file, before any tensor is asked for. @errors `BadSafetensors`. */
export const declareTensors = <X>(
  path: string,
  file: string,
  { tensors, metadata }: TensorFile<X>,
): E.Either<CheckpointError, DeclaredTensors<X>> =>
  pipe(
    declareFile(tensors, metadata),
    E.mapLeft((error) => bad(path, file, error)),
  );

/**
 * Writes a new file piece by piece.
 *
 * @returns its size and SHA-256, taken while it was written.
 * @errors `CannotWrite`, those of `fill`.
 */
export const writeHashed =
  (fs: FileSystem, path: string) =>
  <X>(fill: (put: Put) => TE.TaskEither<FileError | X, void>): TE.TaskEither<FileError | X, FileRecord> =>
    pipe(
      TE.fromIO(() => ({ hash: createHash('sha256'), bytes: 0 })),
      TE.tap((seen) =>
        fs.write(path, (put) =>
          fill((piece) =>
            pipe(
              put(piece),
              TE.tapIO(() => () => {
                seen.hash.update(piece);
                seen.bytes += piece.byteLength;
              }),
            ),
          ),
        ),
      ),
      TE.map(({ hash, bytes }) => ({ bytes, sha256: hash.digest('hex') })),
    );

// A tensor that gives more or fewer bytes than were declared would move all that follow it.
const writeCounted =
  <X>(path: string, file: string, tensor: DeclaredTensors<X>['tensors'][number], put: Put): Effect<X, void> =>
  async () => {
    let given = 0;
    const written = await tensor.write((piece) => {
      given += piece.byteLength;
      return put(piece);
    })();
    return E.isLeft(written) || given === tensor.bytes
      ? written
      : E.left(bad(path, file, { _tag: 'SizeMismatch', name: tensor.name, expected: tensor.bytes, actual: given }));
  };

/**
 * Writes a safetensors file, each tensor asked for when its turn has come.
 *
 * @returns its name, size and SHA-256.
 * @errors `CannotWrite`, `BadSafetensors` for a tensor that gives more or fewer bytes than its shape has, those of the tensors.
 */
export const writeTensorFile = <X>(
  fs: FileSystem,
  directory: string,
  file: string,
  { header, tensors }: DeclaredTensors<X>,
): Effect<X, NamedRecord> =>
  pipe(
    writeHashed(
      fs,
      join(directory, file),
    )<CheckpointError | X>((put) => async () => {
      let done: E.Either<CheckpointError | X, void> = await put(header)();
      for (const tensor of tensors) {
        if (E.isLeft(done)) return done;
        done = await writeCounted(directory, file, tensor, put)();
      }
      return done;
    }),
    TE.map((record) => [file, record] as const),
  );

/** Writes a small file. @errors `CannotWrite`. */
export const writeSmallFile = (
  fs: FileSystem,
  directory: string,
  file: string,
  bytes: Uint8Array,
): TE.TaskEither<FileError, NamedRecord> =>
  pipe(
    writeHashed(fs, join(directory, file))((put) => put(bytes)),
    TE.map((record) => [file, record] as const),
  );
