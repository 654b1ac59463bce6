import * as E from 'fp-ts/lib/Either.js';
import { isIdentity, permute, type Words } from '../convert/permute.js';
import type { CheckpointError } from '../error.js';
import type { Slice } from '../names/plan.js';
import { itemSize, type SafetensorsDType } from '../safetensors/dtype.js';
import { typedData } from '../safetensors/views.js';
import { eachPiece } from './read-tensor.js';
import type { TensorSource } from './stored-tensor.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const pieceBytes = 2 ** 24;

const words = (data: Uint8Array, size: number): Words => {
  if (size === 1) return data;
  const view = typedData({ dtype: size === 2 ? 'U16' : 'U32', shape: [], data });
  return view instanceof Uint16Array || view instanceof Uint32Array ? view : data;
};

const permuted = (data: Uint8Array, dtype: SafetensorsDType, { shape, order }: Slice): Uint8Array => {
  const size = itemSize(dtype);
  const target = new Uint8Array(data.byteLength);
  // Elements of eight bytes are pairs of words that stay together.
  const [inner, last] = size === 8 ? [[2], [order.length]] : [[], []];
  permute(words(data, size), [...shape, ...inner], [...order, ...last], words(target, size));
  return target;
};

/**
 * The bytes of a slice in the order in which they are to be written, in pieces of at most 16 MiB. A slice whose elements stay in order
 * is never in memory whole; any other is, twice.
 *
 * @param each - a left ends the reading.
 */
export const slicePieces = async (
  source: TensorSource,
  slice: Slice,
  dtype: SafetensorsDType,
  each: (piece: Uint8Array) => Result<void>,
): Result<void> => {
  const size = itemSize(dtype);
  const bytes = slice.shape.reduce((n, dim) => n * dim, size);
  const offset = slice.offset * size;
  if (isIdentity(slice.shape, slice.order)) return eachPiece(source, slice.source, [offset, bytes], each);
  const whole = new Uint8Array(bytes);
  const read = await source.read(slice.source, offset, whole);
  if (E.isLeft(read)) return read;
  const target = permuted(whole, dtype, slice);
  for (let at = 0; at < bytes; at += pieceBytes) {
    const done = await each(target.subarray(at, Math.min(bytes, at + pieceBytes)));
    if (E.isLeft(done)) return done;
  }
  return E.right(undefined);
};
