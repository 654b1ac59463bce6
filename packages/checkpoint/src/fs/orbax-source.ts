import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { Value } from '../orbax/tree-node.js';
import { chunkKey, readZarrArray, runsOf, type ZarrArray } from '../orbax/zarr-array.js';
import { itemSize } from '../safetensors/dtype.js';
import { byteSize } from '../safetensors/tensor.js';
import { OrbaxChunk } from './orbax-chunk.js';
import type { OrbaxStore } from './orbax-store.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';
import type { WeightFiles } from './weight-files.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const ending = '/.zarray';

/** openpi saves `{"params": …}`, and in training each leaf below `value`. */
const namesOf = (arrays: readonly string[]): ReadonlyMap<string, string> => {
  const paths = arrays.map((array) => array.split('.'));
  const all = (is: (path: readonly string[]) => boolean): boolean => paths.every(is);
  const begin = all(([first, ...rest]) => first === 'params' && rest.length > 0) ? 1 : 0;
  const end = all((path) => path.at(-1) === 'value' && path.length > begin + 1) ? -1 : undefined;
  return new Map(arrays.map((array, i) => [(paths[i] ?? []).slice(begin, end).join('/'), array]));
};

type Placed = { readonly key: string; readonly array: ZarrArray };

const whole = async ({ read }: OrbaxStore, value: Value): Result<Uint8Array> => {
  const bytes = new Uint8Array(value._tag === 'File' ? value.length : value.bytes.length);
  const filled = await read(value, 0, bytes);
  return E.isLeft(filled) ? filled : E.right(bytes);
};

const readArrays = async (path: string, store: OrbaxStore): Result<ReadonlyMap<string, Placed>> => {
  const keys = [...store.values.keys()]
    .filter((key) => key.endsWith(ending))
    .map((key) => key.slice(0, -ending.length));
  const v3 = [...store.values.keys()].find((key) => key.endsWith('/zarr.json'));
  if (v3 !== undefined)
    return E.left({ _tag: 'BadOrbax', path, file: v3, reason: 'zarr v3 is not read; openpi writes v2' });
  const placed = new Map<string, Placed>();
  for (const [name, key] of namesOf(keys)) {
    const value = store.values.get(key + ending);
    const bytes = value === undefined ? E.right(new Uint8Array()) : await whole(store, value);
    if (E.isLeft(bytes)) return bytes;
    const array = readZarrArray(bytes.right);
    if (E.isLeft(array)) return E.left({ _tag: 'BadOrbax', path, file: key + ending, reason: array.left });
    placed.set(name, { key, array: array.right });
  }
  return E.right(placed);
};

const storedOf = ({ key, array: { dtype, shape } }: Placed): StoredTensor => ({
  ...{ dtype, shape, file: key },
  ...{ begin: 0, bytes: byteSize(dtype, shape) ?? 0 },
});

/** Reads the runs of one array; compressed chunks stay where they stand between two reads. */
const reader = (path: string, store: OrbaxStore, { key, array }: Placed) => {
  const size = itemSize(array.dtype);
  const chunks = new Map<string, OrbaxChunk>();
  const readRun = async (name: string, offset: number, target: Uint8Array): Result<void> => {
    const value = store.values.get(name);
    // TensorStore does not store a chunk that is all zeros.
    if (value === undefined) return E.right(undefined);
    if (!array.isCompressed) return store.read(value, offset, target);
    const damaged = (reason: string): CheckpointError => ({ _tag: 'BadOrbax', path, file: name, reason });
    const chunk = chunks.get(name) ?? new OrbaxChunk(store, value, damaged);
    chunks.set(name, chunk);
    return chunk.read(offset, target);
  };
  return async (offset: number, target: Uint8Array): Result<void> => {
    const [begin, end] = [Math.floor(offset / size), Math.ceil((offset + target.length) / size)];
    const bytes = new Uint8Array((end - begin) * size);
    let at = 0;
    for (const { chunk, offset: from, length } of runsOf(array, begin, end)) {
      const part = bytes.subarray(at, at + length * size);
      const read = await readRun(`${key}/${chunkKey(array, chunk)}`, from * size, part);
      if (E.isLeft(read)) return read;
      at += part.length;
    }
    target.set(bytes.subarray(offset - begin * size, offset - begin * size + target.length));
    return E.right(undefined);
  };
};

/**
 * What Orbax saved as a source of tensors under openpi's paths. Nothing of an array is read before it is asked for.
 *
 * @errors `BadOrbax`, `CannotRead`, `MissingFile` when there is no array.
 */
export const orbaxSource = async (path: string, weights: WeightFiles, store: OrbaxStore): Result<TensorSource> => {
  const placed = await readArrays(path, store);
  if (E.isLeft(placed)) return placed;
  if (placed.right.size === 0) return E.left({ _tag: 'MissingFile', path, file: 'array that Orbax saved' });
  const readers = new Map([...placed.right].map(([name, one]) => [name, reader(path, store, one)]));
  return E.right({
    path,
    weights,
    files: new Map(),
    tensors: new Map([...placed.right].map(([name, one]) => [name, storedOf(one)])),
    read: async (name, offset, target) => {
      const read = readers.get(name);
      return read === undefined ? E.left({ _tag: 'MissingFile', path, file: name }) : read(offset, target);
    },
  });
};
