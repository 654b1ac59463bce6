import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { itemSize } from '../safetensors/dtype.js';
import { type TypedTensor, zeroArray } from '../safetensors/views.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';
import { type TensorSelection, withTensors } from './tensor-source.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const pieceBytes = 2 ** 24;

/**
 * A tensor's bytes from beginning to end, in pieces of at most 16 MiB; a piece is overwritten by the next.
 *
 * @param each - a left ends the reading.
 */
export const eachPiece = async (
  source: TensorSource,
  name: string,
  [offset, bytes]: readonly [number, number],
  each: (piece: Uint8Array, at: number) => Result<void>,
): Result<void> => {
  const buffer = new Uint8Array(Math.min(pieceBytes, bytes));
  for (let at = 0; at < bytes; at += pieceBytes) {
    const piece = buffer.subarray(0, Math.min(pieceBytes, bytes - at));
    const read = await source.read(name, offset + at, piece);
    const done = E.isLeft(read) ? read : await each(piece, at);
    if (E.isLeft(done)) return done;
  }
  return E.right(undefined);
};

/** Elements of a stored tensor. */
export const elementsOf = ({ dtype, bytes }: StoredTensor): number => bytes / itemSize(dtype);

/**
 * One whole tensor, in the typed array of its dtype. Node 20 has arrays of up to 2^32 elements (of f32: 17 GB), whatever the number of
 * their bytes.
 *
 * @errors `MissingFile` for a name that is not there, `CannotRead`, `BadSafetensors` for a tensor that no array of this machine holds.
 */
export const readTensor =
  (source: TensorSource, name: string): TE.TaskEither<CheckpointError, TypedTensor> =>
  async () => {
    const stored = source.tensors.get(name);
    if (stored === undefined) return E.left({ _tag: 'MissingFile', path: source.path, file: name });
    const { dtype, shape, file, bytes } = stored;
    const array = zeroArray(name, dtype, elementsOf(stored));
    if (E.isLeft(array)) return E.left({ _tag: 'BadSafetensors', path: source.path, file, error: array.left });
    const elements = array.right;
    for (let at = 0; at < bytes; at += pieceBytes) {
      const piece = new Uint8Array(elements.buffer, elements.byteOffset + at, Math.min(pieceBytes, bytes - at));
      const read = await source.read(name, at, piece);
      if (E.isLeft(read)) return read;
    }
    return E.right({ dtype, shape, elements });
  };

/**
 * Every tensor of a source.
 *
 * @errors those of `readTensor`.
 */
export const readTensors = (source: TensorSource): TE.TaskEither<CheckpointError, ReadonlyMap<string, TypedTensor>> =>
  pipe(
    [...source.tensors.keys()],
    TE.traverseSeqArray((name) =>
      pipe(
        readTensor(source, name),
        TE.map((tensor) => [name, tensor] as const),
      ),
    ),
    TE.map((tensors) => new Map(tensors)),
  );

/**
 * Every tensor of a model's weights, in one file or many.
 *
 * @param path - a checkpoint of ours, a directory with one safetensors file or index, or such a file.
 * @errors those of `withTensors`.
 */
export const readWeights = (
  path: string,
  selection: TensorSelection = {},
): TE.TaskEither<CheckpointError, ReadonlyMap<string, TypedTensor>> => withTensors(path, selection)(readTensors);
