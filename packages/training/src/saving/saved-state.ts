import type { Buffer } from '@torsor/backend';
import {
  type Architecture,
  type CheckpointContents,
  type CheckpointError,
  fetchedTensor,
  flatNames,
  type ManifestFields,
  type OpenCheckpoint,
  readTensor,
  type SafetensorsDType,
  type StoredArray,
  type TensorFile,
  type TensorSource,
  type TypedTensor,
  treeFromNames,
} from '@torsor/checkpoint';
import type { Interval } from '@torsor/metrics';
import { type DType, type HostArray, type TensorType, type TensorValue, tensorValue } from '@torsor/tensor';
import type { FastFiles } from '@torsor/tokenizer';
import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { decodeHostState, encodeHostState, type HostState } from '../loop/host-state.js';

/** A training state on a device: what a checkpoint holds. */
export type StateOnDevice = {
  /** By openpi's parameter paths. */
  readonly params: Tree<Buffer>;
  /** Everything else that the next update depends on: the optimizer's state, averaged parameters. */
  readonly others: Tree<Buffer>;
  readonly host: HostState;
};

/** Copies a buffer to the host. */
export type Get<X> = (buffer: Buffer) => TE.TaskEither<X, TensorValue>;

/** Copies a value to a device; its path says how it lies there. */
export type Put<X> = (value: TensorValue, path: string) => TE.TaskEither<X, Buffer>;

const files = {
  params: 'params.safetensors',
  others: 'train_state.safetensors',
  host: 'host_state.json',
  fast: { 'processor_config.json': 'fast_processor_config.json', 'tokenizer.json': 'fast_tokenizer.json' },
} as const;

const stored: { readonly [D in DType]: SafetensorsDType } = {
  f32: 'F32',
  f64: 'F64',
  i32: 'I32',
  u32: 'U32',
  bool: 'BOOL',
  bf16: 'BF16',
  f16: 'F16',
};

const dtypeOf = (name: SafetensorsDType): DType | undefined =>
  (['f32', 'f64', 'i32', 'u32', 'bool', 'bf16', 'f16'] as const).find((dtype) => stored[dtype] === name);

/** Names, dtypes and shapes of parameters: what a checkpoint must have to be of this model. */
export const architectureOf = (types: Tree<TensorType>): Architecture =>
  new Map(flatten(types).map(({ path, leaf }) => [path, { dtype: stored[leaf.dtype], shape: leaf.shape }]));

const tensorFile = <X>(get: Get<X>, tree: Tree<Buffer>): E.Either<CheckpointError, TensorFile<X>> =>
  pipe(
    flatNames(tree),
    E.map((leaves) => ({
      tensors: [...leaves].map(([name, buffer]) =>
        fetchedTensor(
          { name, dtype: stored[buffer.type.dtype], shape: buffer.type.shape },
          pipe(
            get(buffer),
            TE.map(({ data }) => data),
          ),
        ),
      ),
      metadata: {},
    })),
  );

const fastNames = ['processor_config.json', 'tokenizer.json'] as const;

const fastContents = (fast: FastFiles): { readonly [name: string]: Uint8Array } =>
  Object.fromEntries(fastNames.map((name) => [files.fast[name], new TextEncoder().encode(fast[name])]));

/**
 * The tokenizer of action chunks that a checkpoint holds.
 *
 * @errors `MissingFile`
 */
export const savedFast = ({ path, files: held }: OpenCheckpoint): E.Either<CheckpointError, FastFiles> => {
  const [config, tokenizer] = fastNames.map((name) => held.get(files.fast[name]));
  if (config === undefined || tokenizer === undefined) {
    const name = config === undefined ? 'processor_config.json' : 'tokenizer.json';
    return E.left({ _tag: 'MissingFile', path, file: files.fast[name] });
  }
  const text = new TextDecoder();
  return E.right({ 'processor_config.json': text.decode(config), 'tokenizer.json': text.decode(tokenizer) });
};

/**
 * What `saveCheckpoint` writes for a state; each buffer is copied to the host when its turn has come.
 *
 * @param fast - the tokenizer of action chunks; `null` for a policy that has none.
 * @errors `BadTree` for parameters that flat names cannot give back.
 */
export const checkpointContents = <X>(
  get: Get<X>,
  state: StateOnDevice,
  manifest: ManifestFields,
  fast: FastFiles | null,
  measures: Interval,
): E.Either<CheckpointError, CheckpointContents<X>> =>
  pipe(
    E.Do,
    E.bind('params', () => tensorFile(get, state.params)),
    E.bind('others', () => tensorFile(get, state.others)),
    E.map(({ params, others }) => ({
      manifest,
      files: {
        [files.params]: params,
        [files.others]: others,
        [files.host]: new TextEncoder().encode(encodeHostState(state.host, measures)),
        ...(fast === null ? {} : fastContents(fast)),
      },
    })),
  );

const isHostArray = (data: StoredArray): data is HostArray =>
  !(
    data instanceof BigInt64Array ||
    data instanceof BigUint64Array ||
    data instanceof Int8Array ||
    data instanceof Int16Array
  );

const toValue = (name: string, { dtype: storedAs, shape, elements }: TypedTensor): E.Either<string, TensorValue> => {
  const dtype = dtypeOf(storedAs);
  if (dtype === undefined || !isHostArray(elements)) return E.left(`${name} is ${storedAs}, which no tensor here has`);
  return pipe(
    tensorValue(dtype, shape, elements),
    E.mapLeft((error) => `${name}: ${error.reason}`),
  );
};

const bad = (path: string, field: string, expected: string): CheckpointError => ({
  _tag: 'BadManifest',
  path,
  field,
  expected,
});

const putTensor = <X>(
  put: Put<X>,
  source: TensorSource,
  file: string,
  name: string,
  path: string,
): TE.TaskEither<CheckpointError | X, readonly [string, Buffer]> =>
  pipe(
    readTensor(source, name),
    TE.flatMapEither((tensor) => E.mapLeft((why: string) => bad(source.path, file, why))(toValue(name, tensor))),
    TE.flatMap((value): TE.TaskEither<CheckpointError | X, Buffer> => put(value, path)),
    TE.map((buffer) => [name, buffer] as const),
  );

const putFile = <X>(
  put: Put<X>,
  { path, sources }: OpenCheckpoint,
  file: string,
  prefix: string,
): TE.TaskEither<CheckpointError | X, Tree<Buffer>> => {
  const source = sources.get(file);
  if (source === undefined) return TE.left({ _tag: 'MissingFile', path, file });
  return pipe(
    [...source.tensors.keys()],
    TE.traverseSeqArray((name) => putTensor(put, source, file, name, prefix + name)),
    TE.flatMapEither((leaves): E.Either<CheckpointError | X, Tree<Buffer>> => treeFromNames(new Map(leaves))),
  );
};

const hostOf = ({ path, files: held }: OpenCheckpoint, measures: Interval): E.Either<CheckpointError, HostState> => {
  const bytes = held.get(files.host);
  if (bytes === undefined) return E.left({ _tag: 'MissingFile', path, file: files.host });
  return pipe(
    decodeHostState(new TextDecoder().decode(bytes), measures),
    E.mapLeft((reason) => bad(path, files.host, reason)),
  );
};

/**
 * The state of a checkpoint, read and put on a device tensor by tensor.
 *
 * @errors `MissingFile`, `BadManifest` for a part of another form, `BadTree`, `CannotRead`, those of `put`.
 * @law the state that `checkpointContents` was given, bit for bit.
 */
export const restoredOnDevice = <X>(
  put: Put<X>,
  checkpoint: OpenCheckpoint,
  measures: Interval,
): TE.TaskEither<CheckpointError | X, StateOnDevice> =>
  pipe(
    TE.fromEither<CheckpointError | X, HostState>(hostOf(checkpoint, measures)),
    TE.bindTo('host'),
    TE.bind('params', () => putFile(put, checkpoint, files.params, 'params/')),
    TE.bind('others', () => putFile(put, checkpoint, files.others, '')),
  );
