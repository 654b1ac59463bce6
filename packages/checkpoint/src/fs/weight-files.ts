import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cannotRead, nodeFileSystem, readText } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { manifestFile, paramsFile } from '../layout.js';
import { indexEnding, parseShardIndex, type ShardIndex } from '../safetensors/shard-index.js';

/** Where a model's weights lie. */
export type WeightFiles = {
  /** `checkpoint`: a directory with our manifest; `sharded`: several files and an index; `single`: one file. */
  readonly kind: 'checkpoint' | 'sharded' | 'single';
  readonly directory: string;
  readonly files: readonly string[];
  /** Name of the index file, and what it says. */
  readonly index?: { readonly file: string } & ShardIndex;
};

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const shardedBy = async (directory: string, file: string): Result<WeightFiles> => {
  const text = await readText(nodeFileSystem, join(directory, file))();
  if (E.isLeft(text)) return text;
  const index = parseShardIndex(text.right);
  if (E.isLeft(index)) return E.left({ _tag: 'BadIndex', path: directory, file, reason: index.left });
  const files = [...new Set(index.right.weightMap.values())].sort();
  return E.right({ kind: 'sharded', directory, files, index: { file, ...index.right } });
};

const common = ['model.safetensors', paramsFile];

const inDirectory = async (directory: string): Result<WeightFiles> => {
  const entries = await nodeFileSystem.list(directory)();
  if (E.isLeft(entries)) return entries;
  const names = (entries.right ?? []).filter((entry) => !entry.isDirectory).map(({ name }) => name);
  if (names.includes(manifestFile)) return E.right({ kind: 'checkpoint', directory, files: [paramsFile] });
  const [index, ...indices] = names.filter((name) => name.endsWith(indexEnding));
  if (index !== undefined && indices.length === 0) return shardedBy(directory, index);
  const all = names.filter((name) => name.endsWith('.safetensors'));
  const file = common.find((name) => all.includes(name)) ?? (all.length === 1 ? all[0] : undefined);
  return file === undefined || indices.length > 0
    ? E.left({ _tag: 'MissingFile', path: directory, file: 'model.safetensors' })
    : E.right({ kind: 'single', directory, files: [file] });
};

/**
 * The files of a model: of a checkpoint of ours, of a directory with one safetensors file or one index, or of either file by name.
 *
 * @errors `CannotRead`, `MissingFile` when a directory has none or several, `BadIndex`.
 */
export const findWeights = async (path: string): Result<WeightFiles> => {
  try {
    if ((await stat(path)).isDirectory()) return await inDirectory(path);
  } catch (cause) {
    return E.left(cannotRead(path)(cause));
  }
  const [directory, file] = [dirname(path), basename(path)];
  return file.endsWith(indexEnding)
    ? shardedBy(directory, file)
    : E.right({ kind: 'single', directory, files: [file] });
};
