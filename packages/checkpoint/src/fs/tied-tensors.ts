import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { eachPiece } from './read-tensor.js';
import type { TensorSource } from './stored-tensor.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;
type Pair = readonly [kept: string, duplicate: string];

const equal = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.byteLength; i += 1) if (a[i] !== b[i]) return false;
  return true;
};

const requireOne = async (source: TensorSource, [kept, duplicate]: Pair): Result<void> => {
  const differ: E.Either<CheckpointError, never> = E.left({ _tag: 'TiedDiffer', path: source.path, kept, duplicate });
  const [first, second] = [source.tensors.get(kept), source.tensors.get(duplicate)];
  if (first === undefined || second === undefined || first.dtype !== second.dtype) return differ;
  return eachPiece(source, kept, [0, first.bytes], async (piece, at) => {
    const other = new Uint8Array(piece.byteLength);
    const read = await source.read(duplicate, at, other);
    if (E.isLeft(read)) return read;
    return equal(piece, other) ? E.right(undefined) : differ;
  });
};

/**
 * Compares tensors that are stored under two names.
 *
 * @errors `TiedDiffer` when a pair has not the same dtype and bytes.
 */
export const requireEqual = async (source: TensorSource, pairs: readonly Pair[]): Result<void> => {
  for (const pair of pairs) {
    const same = await requireOne(source, pair);
    if (E.isLeft(same)) return same;
  }
  return E.right(undefined);
};
