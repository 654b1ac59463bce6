import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';
import { itemSize } from '../safetensors/dtype.js';
import { type FileLayout, fileLayout, headerLength, lengthBytes } from '../safetensors/file-layout.js';
import type { SafetensorsTensor } from '../safetensors/tensor.js';
import { openForReading, type RandomAccessFile } from './random-access.js';
import { findWeights, type WeightFiles } from './weight-files.js';

/** A tensor on the disk: what it is and where its bytes are. */
export type StoredTensor = {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly file: string;
  /** First byte in the file. */
  readonly begin: number;
  readonly bytes: number;
};

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** Weights on the disk whose headers have been read and checked, and whose data have not. */
export type TensorSource = {
  readonly path: string;
  readonly weights: WeightFiles;
  /** Size and free text of each file. */
  readonly files: ReadonlyMap<string, { readonly bytes: number; readonly metadata: Readonly<Record<string, string>> }>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Fills `target` with a tensor's bytes from `offset` on. */
  readonly read: (name: string, offset: number, target: Uint8Array) => Promise<E.Either<CheckpointError, void>>;
};

/** Which part of a directory is read. */
export type TensorSelection = {
  /** A file of the directory other than its parameters. */
  readonly file?: string;
  /** Only names that begin so, which are then known without it: `ema/`. */
  readonly prefix?: string;
  /** Accept weights without a single tensor. */
  readonly mayBeEmpty?: boolean;
};

const layoutOf = async (path: string, name: string, file: RandomAccessFile): Result<FileLayout> => {
  const refuse = E.mapLeft((error: Parameters<typeof badFile>[2]) => badFile(path, name, error));
  const prefix = new Uint8Array(lengthBytes);
  const first = file.bytes < lengthBytes ? E.right(undefined) : await file.read(0, prefix);
  if (E.isLeft(first)) return first;
  const length = refuse(headerLength(prefix, file.bytes));
  if (E.isLeft(length)) return length;
  const header = new Uint8Array(length.right);
  const read = await file.read(lengthBytes, header);
  return E.isLeft(read) ? read : refuse(fileLayout(header, file.bytes));
};

const badFile = (
  path: string,
  file: string,
  error: Extract<CheckpointError, { _tag: 'BadSafetensors' }>['error'],
): CheckpointError => ({ _tag: 'BadSafetensors', path, file, error });

type Opened = {
  readonly file: RandomAccessFile;
  readonly layout: FileLayout;
};

const merged = (opened: ReadonlyMap<string, Opened>): ReadonlyMap<string, StoredTensor> => {
  const tensors = new Map<string, StoredTensor>();
  for (const [file, { layout }] of opened) {
    for (const { name, dtype, shape, begin, end } of layout.entries)
      tensors.set(name, { dtype, shape, file, begin: layout.dataStart + begin, bytes: end - begin });
  }
  return tensors;
};

/** What an index says that its shards do not. */
const indexLie = (
  weightMap: ReadonlyMap<string, string>,
  opened: ReadonlyMap<string, Opened>,
  tensors: ReadonlyMap<string, StoredTensor>,
): string | undefined => {
  for (const [file, { layout }] of opened) {
    const astray = layout.entries.find(({ name }) => weightMap.get(name) !== file);
    if (astray !== undefined)
      return `'${astray.name}' is in ${file}, and the index has it in ${weightMap.get(astray.name) ?? 'no file'}`;
  }
  const lost = [...weightMap].find(([name]) => !tensors.has(name));
  return lost === undefined ? undefined : `'${lost[0]}' should be in ${lost[1]} and is not`;
};

const tensorsOf = (
  { directory, index }: WeightFiles,
  opened: ReadonlyMap<string, Opened>,
): E.Either<CheckpointError, ReadonlyMap<string, StoredTensor>> => {
  const tensors = merged(opened);
  const reason = index === undefined ? undefined : indexLie(index.weightMap, opened, tensors);
  return index === undefined || reason === undefined
    ? E.right(tensors)
    : E.left({ _tag: 'BadIndex', path: directory, file: index.file, reason });
};

const selected = (tensors: ReadonlyMap<string, StoredTensor>, prefix: string): ReadonlyMap<string, StoredTensor> =>
  new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])));

const openAll = async (weights: WeightFiles, opened: Map<string, Opened>): Result<void> => {
  for (const name of weights.files) {
    const file = await openForReading(join(weights.directory, name));
    if (E.isLeft(file)) return file;
    const layout = await layoutOf(weights.directory, name, file.right);
    if (E.isLeft(layout)) {
      await file.right.close();
      return layout;
    }
    opened.set(name, { file: file.right, layout: layout.right });
  }
  return E.right(undefined);
};

const sourceOf = (
  path: string,
  weights: WeightFiles,
  opened: ReadonlyMap<string, Opened>,
  { prefix = '', mayBeEmpty = false }: TensorSelection,
): E.Either<CheckpointError, TensorSource> => {
  const all = tensorsOf(weights, opened);
  if (E.isLeft(all)) return all;
  const tensors = selected(all.right, prefix);
  if (tensors.size === 0 && !mayBeEmpty)
    return E.left({ _tag: 'MissingFile', path, file: `tensor whose name begins with '${prefix}'` });
  return E.right({
    path,
    weights,
    files: new Map(
      [...opened].map(([name, { file, layout }]) => [name, { bytes: file.bytes, metadata: layout.metadata }]),
    ),
    tensors,
    read: async (name, offset, target) => {
      const tensor = tensors.get(name);
      const file = tensor === undefined ? undefined : opened.get(tensor.file)?.file;
      return tensor === undefined || file === undefined
        ? E.left({ _tag: 'MissingFile', path, file: name })
        : file.read(tensor.begin + offset, target);
    },
  });
};

const using = async <A>(
  path: string,
  selection: TensorSelection,
  use: (source: TensorSource) => TE.TaskEither<CheckpointError, A>,
  opened: Map<string, Opened>,
): Result<A> => {
  const found = await findWeights(path);
  if (E.isLeft(found)) return found;
  const { file } = selection;
  const weights: WeightFiles =
    file === undefined ? found.right : { kind: found.right.kind, directory: found.right.directory, files: [file] };
  const all = await openAll(weights, opened);
  if (E.isLeft(all)) return all;
  const source = sourceOf(path, weights, opened, selection);
  return E.isLeft(source) ? source : use(source.right)();
};

/**
 * Opens weights, one file or many, lets `use` read any part of them, and closes them.
 *
 * @param path - a checkpoint of ours, a directory with one safetensors file or index, or such a file.
 * @errors `CannotRead`, `MissingFile`, `BadIndex`, `BadSafetensors` before any data is read; those of `use`.
 */
export const withTensors =
  (path: string, selection: TensorSelection = {}) =>
  <A>(use: (source: TensorSource) => TE.TaskEither<CheckpointError, A>): TE.TaskEither<CheckpointError, A> =>
  async () => {
    const opened = new Map<string, Opened>();
    try {
      return await using(path, selection, use, opened);
    } finally {
      for (const { file } of opened.values()) await file.close();
    }
  };

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

/**
 * One whole tensor.
 *
 * @errors `MissingFile` for a name that is not there, `CannotRead`, `SizeDiffers`.
 */
export const readTensor =
  (source: TensorSource, name: string): TE.TaskEither<CheckpointError, SafetensorsTensor> =>
  async () => {
    const stored = source.tensors.get(name);
    if (stored === undefined) return E.left({ _tag: 'MissingFile', path: source.path, file: name });
    const data = new Uint8Array(stored.bytes);
    const read = await source.read(name, 0, data);
    return E.isLeft(read) ? read : E.right({ dtype: stored.dtype, shape: stored.shape, data });
  };

/** Elements of a stored tensor. */
export const elementsOf = ({ dtype, bytes }: StoredTensor): number => bytes / itemSize(dtype);

/**
 * Every tensor of a model's weights, in one file or many.
 *
 * @param path - a checkpoint of ours, a directory with one safetensors file or index, or such a file.
 * @errors those of `withTensors`.
 */
export const readWeights = (
  path: string,
  selection: TensorSelection = {},
): TE.TaskEither<CheckpointError, ReadonlyMap<string, SafetensorsTensor>> =>
  withTensors(
    path,
    selection,
  )((source) => async () => {
    const tensors = new Map<string, SafetensorsTensor>();
    for (const name of source.tensors.keys()) {
      const tensor = await readTensor(source, name)();
      if (E.isLeft(tensor)) return tensor;
      tensors.set(name, tensor.right);
    }
    return E.right(tensors);
  });
