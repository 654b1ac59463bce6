import type { Put } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { FloatDType } from '../convert/cast.js';
import type { OutputTensor } from '../convert/output.js';
import { castCounted, type Tally } from '../convert/tally.js';
import type { CheckpointError } from '../error.js';
import type { Slice } from '../names/plan.js';
import { byteSize } from '../safetensors/tensor.js';
import type { TensorToSave } from '../tensor-file.js';
import { slicePieces } from './slice-pieces.js';
import type { TensorSource } from './stored-tensor.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** What a conversion writes with: the source, the dtype asked for, and what it counts. */
export type Writing = {
  readonly source: TensorSource;
  readonly dtype: FloatDType | undefined;
  readonly tally: Tally;
  readonly onBytes: (tensor: string, bytes: number) => void;
};

const pieceBytes = 2 ** 24;

const zeros = async (bytes: number, put: (piece: Uint8Array) => Result<void>): Result<void> => {
  const piece = new Uint8Array(Math.min(pieceBytes, bytes));
  for (let at = 0; at < bytes; at += pieceBytes) {
    const done = await put(piece.subarray(0, Math.min(pieceBytes, bytes - at)));
    if (E.isLeft(done)) return done;
  }
  return E.right(undefined);
};

const writeSlice = (
  { source, dtype, tally }: Writing,
  slice: Slice,
  put: (piece: Uint8Array) => Result<void>,
): Result<void> => {
  const stored = source.tensors.get(slice.source);
  const from = stored?.dtype ?? 'F32';
  return slicePieces(source, slice, from, async (piece) => {
    const cast = castCounted(tally, slice.source, from, dtype, piece);
    if (E.isRight(cast)) return put(cast.right);
    return E.left({
      _tag: 'BadSafetensors',
      path: source.path,
      file: `${stored?.file}: ${slice.source}`,
      error: cast.left,
    });
  });
};

/** Writes a tensor: its slices one after another, or zeros where it has none. */
const writeTensor = async (writing: Writing, tensor: OutputTensor, put: Put): Result<void> => {
  const putCounted = async (piece: Uint8Array): Result<void> => {
    const written = await put(piece)();
    if (E.isRight(written)) writing.onBytes(tensor.name, piece.byteLength);
    return written;
  };
  if (tensor.slices.length === 0) return zeros(byteSize(tensor.dtype, tensor.shape) ?? 0, putCounted);
  for (const slice of tensor.slices) {
    const done = await writeSlice(writing, slice, putCounted);
    if (E.isLeft(done)) return done;
  }
  return E.right(undefined);
};

/** A converted tensor as one to be written. */
export const convertedTensor =
  (writing: Writing) =>
  (tensor: OutputTensor): TensorToSave<CheckpointError> => ({
    ...{ name: tensor.name, dtype: tensor.dtype, shape: tensor.shape },
    write: (put) => () => writeTensor(writing, tensor, put),
  });
