import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cannotRead, nodeFileSystem, readText } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { manifestFile, paramsFile } from '../layout.js';
import { indexEnding, parseShardIndex, type ShardIndex } from '../safetensors/shard-index.js';
import { isOrbax } from './orbax-store.js';

/** Where a model's weights lie. */
export type WeightFiles = {
  /**
   * `checkpoint`: a directory with our manifest; `sharded`: several files and an index; `single`: one file; `orbax`: what Orbax saved.
   */
  readonly kind: 'checkpoint' | 'sharded' | 'single' | 'orbax';
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

/** Files of a directory that each hold a model whole. */
const wholeModels = (names: readonly string[], index: WeightFiles | undefined): readonly string[] => {
  const safetensors = names.filter((name) => name.endsWith('.safetensors') && !index?.files.includes(name));
  const named = common.filter((name) => safetensors.includes(name));
  // Beside a file of the name that libraries look for, others are what its model needs: statistics, adapters.
  return named.length > 0 || index !== undefined ? named : safetensors;
};

const inFolder = async (directory: string, names: readonly string[]): Result<WeightFiles> => {
  const indices = names.filter((name) => name.endsWith(indexEnding));
  const [index] = indices;
  const sharded = index === undefined || indices.length > 1 ? undefined : await shardedBy(directory, index);
  if (sharded !== undefined && E.isLeft(sharded)) return sharded;
  const candidates = [...wholeModels(names, sharded?.right), ...indices];
  const [file] = candidates;
  if (file === undefined) return E.left({ _tag: 'MissingFile', path: directory, file: 'model.safetensors' });
  if (candidates.length > 1) return E.left({ _tag: 'SeveralWeights', path: directory, candidates });
  return sharded ?? E.right({ kind: 'single', directory, files: [file] });
};

const isWeights = (name: string): boolean => name.endsWith('.safetensors') || name.endsWith(indexEnding);

const inDirectory = async (directory: string): Result<WeightFiles> => {
  const entries = await nodeFileSystem.list(directory)();
  if (E.isLeft(entries)) return entries;
  const names = (entries.right ?? []).filter((entry) => !entry.isDirectory).map(({ name }) => name);
  if (names.includes(manifestFile)) return E.right({ kind: 'checkpoint', directory, files: [paramsFile] });
  if (isOrbax(names)) return E.right({ kind: 'orbax', directory, files: names });
  // openpi saves parameters beside statistics and what training needs.
  const params = (entries.right ?? []).some(({ name, isDirectory }) => isDirectory && name === 'params');
  return params && !names.some(isWeights) ? inDirectory(join(directory, 'params')) : inFolder(directory, names);
};

/**
 * The files of a model: of a checkpoint of ours or of openpi's, of a directory with one safetensors file or one index, or of either file
 * by name.
 *
 * @errors `CannotRead`, `MissingFile` when a directory has none, `SeveralWeights` when it has more than one, `BadIndex`.
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
