import type { FileError, Put } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DeclaredTensor } from './safetensors/declared.js';
import type { Safetensors } from './safetensors/tensor.js';
import type { StoredArray } from './safetensors/views.js';

/** A tensor to be written: what the header says of it now, and its bytes when its turn has come. */
export type TensorToSave<X = never> = DeclaredTensor & {
  /**
   * Gives the tensor's bytes to `put`, in order and in pieces of any size; called once. A piece may be overwritten once `put` has
   * answered, so that no tensor needs to be in memory whole.
   */
  readonly write: (put: Put) => TE.TaskEither<FileError | X, void>;
};

/** A safetensors file to be written tensor by tensor. */
export type TensorFile<X = never> = {
  readonly tensors: readonly TensorToSave<X>[];
  readonly metadata: Readonly<Record<string, string>>;
};

/** Content of one file of a checkpoint: a few raw bytes, or tensors. */
export type FileContent<X = never> = Uint8Array | TensorFile<X>;

const pieceBytes = 2 ** 24;

/** Gives the bytes of an array of any size to `put`, in pieces of at most 16 MiB. */
const putArray =
  ({ buffer, byteOffset, byteLength }: StoredArray, put: Put): TE.TaskEither<FileError, void> =>
  async () => {
    for (let at = 0; at < byteLength; at += pieceBytes) {
      const piece = new Uint8Array(buffer, byteOffset + at, Math.min(pieceBytes, byteLength - at));
      const done = await put(piece)();
      if (E.isLeft(done)) return done;
    }
    return E.right(undefined);
  };

/**
 * A tensor whose elements are fetched when its turn has come (copied from a device, for one) and let go before the next is.
 *
 * @param fetch - the elements, in the machine's byte order, which is little-endian; F16 and BF16 as their bit patterns.
 */
export const fetchedTensor = <X>(
  { name, dtype, shape }: DeclaredTensor,
  fetch: TE.TaskEither<X, StoredArray>,
): TensorToSave<X> => ({
  name,
  dtype,
  shape,
  write: (put) =>
    pipe(
      fetch,
      TE.flatMap((array): TE.TaskEither<FileError | X, void> => putArray(array, put)),
    ),
});

/** Tensors that are in memory already, as a file to be written. */
export const heldTensors = ({ tensors, metadata }: Safetensors): TensorFile => ({
  tensors: [...tensors].map(([name, { dtype, shape, data }]) => fetchedTensor({ name, dtype, shape }, TE.right(data))),
  metadata,
});
