import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { OutputTensor } from '../convert/output.js';
import type { CheckpointError } from '../error.js';
import type { FileRecord } from '../manifest.js';
import { declareFile } from '../safetensors/declared.js';
import { indexEnding, showShardIndex } from '../safetensors/shard-index.js';
import { type Shard, splitShards } from '../safetensors/shards.js';
import { byteSize } from '../safetensors/tensor.js';
import { type FileSink, writeInPieces } from './file-sink.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;
type NamedRecord = readonly [name: string, record: FileRecord];

/** Writes one tensor's bytes, whose number is known. */
export type PutTensor = (sink: FileSink, tensor: OutputTensor & { readonly bytes: number }) => Result<void>;

const writeShard = async (
  directory: string,
  { file, tensors }: Shard<OutputTensor>,
  metadata: Readonly<Record<string, string>>,
  put: PutTensor,
): Result<NamedRecord> => {
  const declared = declareFile(tensors, metadata);
  if (E.isLeft(declared)) return E.left({ _tag: 'BadSafetensors', path: directory, file, error: declared.left });
  const record = await writeInPieces(join(directory, file), async (sink) => {
    let done = await sink.write(declared.right.header);
    for (const tensor of declared.right.tensors) {
      if (E.isLeft(done)) return done;
      done = await put(sink, tensor);
    }
    return done;
  });
  return E.isLeft(record) ? record : E.right([file, record.right]);
};

/** Writes a small file. */
export const writeText = async (directory: string, file: string, text: string): Result<NamedRecord> => {
  const record = await writeInPieces(join(directory, file), (sink) => sink.write(new TextEncoder().encode(text)));
  return E.isLeft(record) ? record : E.right([file, record.right]);
};

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
  directory: string,
  tensors: readonly OutputTensor[],
  { stem, maxBytes, metadata }: ShardLayout,
  put: PutTensor,
): Result<readonly NamedRecord[]> => {
  const shards = splitShards(tensors, maxBytes, stem);
  const records: NamedRecord[] = [];
  for (const shard of shards) {
    const written = await writeShard(directory, shard, metadata, put);
    if (E.isLeft(written)) return written;
    records.push(written.right);
  }
  if (shards.length === 1) return E.right(records);
  const weightMap = new Map(shards.flatMap(({ file, tensors: held }) => held.map(({ name }) => [name, file])));
  const total = tensors.reduce((sum, { dtype, shape }) => sum + (byteSize(dtype, shape) ?? 0), 0);
  const index = await writeText(directory, stem + indexEnding, showShardIndex(weightMap, total));
  return E.isLeft(index) ? index : E.right([...records, index.right]);
};
