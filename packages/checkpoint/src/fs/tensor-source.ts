import { join } from 'node:path';
import { type FileSystem, nodeFileSystem, type OpenFile } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { overlaid, type TensorOverlay } from '../overlay.js';
import type { SafetensorsError } from '../safetensors/error.js';
import { type FileLayout, fileLayout, headerLength, lengthBytes } from '../safetensors/file-layout.js';
import { orbaxSource } from './orbax-source.js';
import { openOrbaxStore } from './orbax-store.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';
import { findWeights, type WeightFiles } from './weight-files.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** Which part of a directory is read. */
export type TensorSelection = {
  /** A file of the directory other than its parameters. */
  readonly file?: string;
  /** Only names that begin so, which are then known without it: `ema/`. */
  readonly prefix?: string;
  /** Accept weights without a single tensor. */
  readonly mayBeEmpty?: boolean;
  /** Of a checkpoint of ours that has the file: what is there under the prefix stands for the parameters of the same name. */
  readonly overlay?: TensorOverlay;
};

/** A safetensors file that is open, its header read and checked. */
export type OpenedFile = {
  readonly file: OpenFile;
  readonly layout: FileLayout;
};

/** Files that are open, by name. */
export type OpenedFiles = Map<string, OpenedFile>;

const layoutOf = async (path: string, name: string, file: OpenFile): Result<FileLayout> => {
  const refuse = E.mapLeft(
    (error: SafetensorsError): CheckpointError => ({
      ...{ _tag: 'BadSafetensors', path },
      ...{ file: name, error },
    }),
  );
  const prefix = new Uint8Array(lengthBytes);
  const first = file.bytes < lengthBytes ? E.right(undefined) : await file.read(0, prefix)();
  if (E.isLeft(first)) return first;
  const length = refuse(headerLength(prefix, file.bytes));
  if (E.isLeft(length)) return length;
  const header = new Uint8Array(length.right);
  const read = await file.read(lengthBytes, header)();
  return E.isLeft(read) ? read : refuse(fileLayout(header, file.bytes));
};

/**
 * Opens a safetensors file and reads its header; whoever opens it closes it.
 *
 * @errors `CannotRead`, `BadSafetensors`.
 */
export const openTensorFile =
  (fs: FileSystem, directory: string, name: string): TE.TaskEither<CheckpointError, OpenedFile> =>
  async () => {
    const file = await fs.open(join(directory, name))();
    if (E.isLeft(file)) return file;
    const layout = await layoutOf(directory, name, file.right);
    if (E.isRight(layout)) return E.right({ file: file.right, layout: layout.right });
    await file.right.close();
    return layout;
  };

/** Lets `use` open files, and closes all of them. */
export const closingAll =
  <X, A>(use: (opened: OpenedFiles) => TE.TaskEither<X, A>): TE.TaskEither<X, A> =>
  async () => {
    const opened: OpenedFiles = new Map();
    try {
      return await use(opened)();
    } finally {
      for (const { file } of opened.values()) await file.close();
    }
  };

const merged = (opened: OpenedFiles): ReadonlyMap<string, StoredTensor> => {
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
  opened: OpenedFiles,
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
  opened: OpenedFiles,
): E.Either<CheckpointError, ReadonlyMap<string, StoredTensor>> => {
  const tensors = merged(opened);
  const reason = index === undefined ? undefined : indexLie(index.weightMap, opened, tensors);
  return index === undefined || reason === undefined
    ? E.right(tensors)
    : E.left({ _tag: 'BadIndex', path: directory, file: index.file, reason });
};

const selected = (tensors: ReadonlyMap<string, StoredTensor>, prefix: string): ReadonlyMap<string, StoredTensor> =>
  new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])));

type Stored = ReadonlyMap<string, StoredTensor>;

/** What the name of each tensor is in its file. */
const selectedFrom = (
  path: string,
  all: Stored,
  { prefix = '', overlay }: TensorSelection,
): E.Either<CheckpointError, Stored> =>
  overlay === undefined ? E.right(selected(all, prefix)) : overlaid(path, all, overlay);

/**
 * Open files as one source of tensors.
 *
 * @errors `BadIndex`, `MissingFile` when nothing is selected, `NamesDisagree` for what stands for no parameter.
 */
export const sourceOf = (
  path: string,
  weights: WeightFiles,
  opened: OpenedFiles,
  selection: TensorSelection,
): E.Either<CheckpointError, TensorSource> => {
  const all = E.flatMap((found: Stored) => selectedFrom(path, found, selection))(tensorsOf(weights, opened));
  if (E.isLeft(all)) return all;
  const tensors = all.right;
  if (tensors.size === 0 && selection.mayBeEmpty !== true)
    return E.left({ _tag: 'MissingFile', path, file: `tensor whose name begins with '${selection.prefix ?? ''}'` });
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
        : file.read(tensor.begin + offset, target)();
    },
  });
};

const openAll = (weights: WeightFiles, opened: OpenedFiles): TE.TaskEither<CheckpointError, void> =>
  pipe(
    weights.files,
    TE.traverseSeqArray((name) =>
      pipe(
        openTensorFile(nodeFileSystem, weights.directory, name),
        TE.map((file) => opened.set(name, file)),
      ),
    ),
    TE.map(() => undefined),
  );

/** The files that are read of those found: with the overlay's, where it is there. */
const filesOf = (
  found: WeightFiles,
  { file, overlay }: TensorSelection,
): TE.TaskEither<CheckpointError, WeightFiles> => {
  const { kind, directory } = found;
  if (file !== undefined) return TE.right({ kind, directory, files: [file] });
  if (overlay === undefined || kind !== 'checkpoint') return TE.right(found);
  return pipe(
    nodeFileSystem.list(directory),
    TE.map((entries) =>
      (entries ?? []).some(({ name }) => name === overlay.file)
        ? { ...found, files: [...found.files, overlay.file] }
        : found,
    ),
  );
};

const withOrbax =
  <X, A>(
    path: string,
    weights: WeightFiles,
    use: (source: TensorSource) => TE.TaskEither<X, A>,
  ): TE.TaskEither<CheckpointError | X, A> =>
  async () => {
    const store = await openOrbaxStore(weights.directory, weights.files);
    if (E.isLeft(store)) return store;
    try {
      const source = await orbaxSource(path, weights, store.right);
      return E.isLeft(source) ? source : await use(source.right)();
    } finally {
      await store.right.close();
    }
  };

/**
 * Opens weights, one file or many, lets `use` read any part of them, and closes them.
 *
 * @param path - a checkpoint of ours or of openpi's, a directory with one safetensors file or index, or such a file.
 * @errors `CannotRead`, `MissingFile`, `SeveralWeights`, `BadIndex`, `BadOrbax`, `BadSafetensors`, `NamesDisagree` before any data is read; those
 * of `use`.
 */
export const withTensors =
  (path: string, selection: TensorSelection = {}) =>
  <X, A>(use: (source: TensorSource) => TE.TaskEither<X, A>): TE.TaskEither<CheckpointError | X, A> =>
    pipe(
      () => findWeights(path),
      TE.flatMap(
        (found): TE.TaskEither<CheckpointError | X, A> =>
          found.kind === 'orbax'
            ? withOrbax(path, found, use)
            : closingAll((opened) =>
                pipe(
                  filesOf(found, selection),
                  TE.tap((weights) => openAll(weights, opened)),
                  TE.flatMapEither((weights) => sourceOf(path, weights, opened, selection)),
                  TE.flatMap((source): TE.TaskEither<CheckpointError | X, A> => use(source)),
                ),
              ),
      ),
    );
