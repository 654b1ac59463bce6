import type { FileSystem } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { indexEnding, showShardIndex } from '../safetensors/shard-index.js';
import { splitShards } from '../safetensors/shards.js';
import { byteSize } from '../safetensors/tensor.js';
import type { TensorToSave } from '../tensor-file.js';
import { declareTensors, type NamedRecord, writeSmallFile, writeTensorFile } from './write-tensor-file.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** How tensors are divided among files. */
export type ShardLayout = {
  readonly stem: string;
  readonly maxBytes: number;
  readonly metadata: Readonly<Record<string, string>>;
};

/**
 * Writes tensors into one file, or into several with an index beside them.
 *
 * @returns size and hash of every file written.
 */
export const writeShards = async (
  fs: FileSystem,
  directory: string,
  tensors: readonly TensorToSave<CheckpointError>[],
  { stem, maxBytes, metadata }: ShardLayout,
): Result<readonly NamedRecord[]> => {
  const shards = splitShards(tensors, maxBytes, stem);
  const records: NamedRecord[] = [];
  for (const shard of shards) {
    const declared = declareTensors(directory, shard.file, { tensors: shard.tensors, metadata });
    if (E.isLeft(declared)) return declared;
    const written = await writeTensorFile(fs, directory, shard.file, declared.right)();
    if (E.isLeft(written)) return written;
    records.push(written.right);
  }
  if (shards.length === 1) return E.right(records);
  const weightMap = new Map(shards.flatMap(({ file, tensors: held }) => held.map(({ name }) => [name, file])));
  const total = tensors.reduce((sum, { dtype, shape }) => sum + (byteSize(dtype, shape) ?? 0), 0);
  const text = new TextEncoder().encode(showShardIndex(weightMap, total));
  const index = await writeSmallFile(fs, directory, stem + indexEnding, text)();
  return E.isLeft(index) ? index : E.right([...records, index.right]);
};
