import {
  type Architecture,
  type CheckpointContents,
  type CheckpointError,
  flatNames,
  fromTypedArray,
  type LoadedCheckpoint,
  type ManifestFields,
  type Safetensors,
  type SafetensorsDType,
  type SafetensorsTensor,
  treeFromNames,
  typedData,
} from '@torsor/checkpoint';
import { type DType, type HostArray, type TensorType, type TensorValue, tensorValue } from '@torsor/tensor';
import type { FastFiles } from '@torsor/tokenizer';
import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { decodeHostState, encodeHostState, type HostState } from './host-state.js';

/** A training state on the host: what a checkpoint holds. */
export type SavedState = {
  /** By openpi's parameter paths. */
  readonly params: Tree<TensorValue>;
  /** Everything else that the next update depends on: the optimizer's state, averaged parameters. */
  readonly others: Tree<TensorValue>;
  readonly host: HostState;
};

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

const toStored = ({ type, data }: TensorValue): SafetensorsTensor =>
  fromTypedArray(stored[type.dtype], type.shape, data);

/** Names, dtypes and shapes of parameters: what a checkpoint must have to be of this model. */
export const architectureOf = (types: Tree<TensorType>): Architecture =>
  new Map(flatten(types).map(({ path, leaf }) => [path, { dtype: stored[leaf.dtype], shape: leaf.shape }]));

const safetensors = (tree: Tree<TensorValue>): E.Either<CheckpointError, Safetensors> =>
  pipe(
    flatNames(tree),
    E.map((leaves) => ({
      tensors: new Map([...leaves].map(([name, value]) => [name, toStored(value)])),
      metadata: {},
    })),
  );

const fastNames = ['processor_config.json', 'tokenizer.json'] as const;

const fastContents = (fast: FastFiles): { readonly [name: string]: Uint8Array } =>
  Object.fromEntries(fastNames.map((name) => [files.fast[name], new TextEncoder().encode(fast[name])]));

/**
 * The tokenizer of action chunks that a checkpoint holds.
 *
 * @param path - where it lies, for messages.
 * @errors `MissingFile`
 */
export const savedFast = (path: string, loaded: LoadedCheckpoint): E.Either<CheckpointError, FastFiles> => {
  const [config, tokenizer] = fastNames.map((name) => loaded.files.get(files.fast[name]));
  if (config === undefined || tokenizer === undefined) {
    const name = config === undefined ? 'processor_config.json' : 'tokenizer.json';
    return E.left({ _tag: 'MissingFile', path, file: files.fast[name] });
  }
  const text = new TextDecoder();
  return E.right({ 'processor_config.json': text.decode(config), 'tokenizer.json': text.decode(tokenizer) });
};

/**
 * What `saveCheckpoint` writes for a state.
 *
 * @param fast - the tokenizer of action chunks; `null` for a policy that has none.
 * @errors `BadTree` for parameters that flat names cannot give back.
 */
export const checkpointContents = (
  state: SavedState,
  manifest: ManifestFields,
  fast: FastFiles | null,
): E.Either<CheckpointError, CheckpointContents> =>
  pipe(
    E.Do,
    E.bind('params', () => safetensors(state.params)),
    E.bind('others', () => safetensors(state.others)),
    E.map(({ params, others }) => ({
      manifest,
      files: {
        [files.params]: params,
        [files.others]: others,
        [files.host]: new TextEncoder().encode(encodeHostState(state.host)),
        ...(fast === null ? {} : fastContents(fast)),
      },
    })),
  );

const isHostArray = (data: ReturnType<typeof typedData>): data is HostArray =>
  !(
    data instanceof BigInt64Array ||
    data instanceof BigUint64Array ||
    data instanceof Int8Array ||
    data instanceof Int16Array
  );

const toValue = (name: string, tensor: SafetensorsTensor): E.Either<string, TensorValue> => {
  const dtype = dtypeOf(tensor.dtype);
  const data = typedData(tensor);
  if (dtype === undefined || !isHostArray(data)) return E.left(`${name} is ${tensor.dtype}, which no tensor here has`);
  return pipe(
    tensorValue(dtype, tensor.shape, data),
    E.mapLeft((error) => `${name}: ${error.reason}`),
  );
};

const bad = (path: string, field: string, expected: string): CheckpointError => ({
  _tag: 'BadManifest',
  path,
  field,
  expected,
});

const treeOf = (path: string, file: string, loaded: LoadedCheckpoint): E.Either<CheckpointError, Tree<TensorValue>> => {
  const content = loaded.tensors.get(file);
  if (content === undefined) return E.left({ _tag: 'MissingFile', path, file });
  const values = new Map<string, TensorValue>();
  for (const [name, tensor] of content.tensors) {
    const value = toValue(name, tensor);
    if (E.isLeft(value)) return E.left(bad(path, file, value.left));
    values.set(name, value.right);
  }
  return treeFromNames(values);
};

const hostOf = (path: string, loaded: LoadedCheckpoint): E.Either<CheckpointError, HostState> => {
  const bytes = loaded.files.get(files.host);
  if (bytes === undefined) return E.left({ _tag: 'MissingFile', path, file: files.host });
  return pipe(
    decodeHostState(new TextDecoder().decode(bytes)),
    E.mapLeft((reason) => bad(path, files.host, reason)),
  );
};

/**
 * The state of a loaded checkpoint.
 *
 * @param path - where it lies, for messages.
 * @errors `MissingFile`, `BadManifest` for a part of another form, `BadTree`.
 * @law the state that `checkpointContents` was given, bit for bit.
 */
export const savedState = (path: string, loaded: LoadedCheckpoint): E.Either<CheckpointError, SavedState> =>
  pipe(
    E.Do,
    E.bind('params', () => treeOf(path, files.params, loaded)),
    E.bind('others', () => treeOf(path, files.others, loaded)),
    E.bind('host', () => hostOf(path, loaded)),
  );
