import type { Buffer } from '@torsor/backend';
import {
  type CheckpointError,
  type OpenCheckpoint,
  readTensor,
  type SafetensorsDType,
  type TensorSource,
  type TypedTensor,
  treeFromNames,
} from '@torsor/checkpoint';
import { type DType, type HostArray, type TensorValue, tensorValue } from '@torsor/tensor';
import type { FastFiles } from '@torsor/tokenizer';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

/** Copies a value to a device; its path says how it lies there. */
export type Put<X> = (value: TensorValue, path: string) => TE.TaskEither<X, Buffer>;

/** The files of a checkpoint. */
export const checkpointFiles = {
  params: 'params.safetensors',
  others: 'train_state.safetensors',
  host: 'host_state.json',
  fast: { 'processor_config.json': 'fast_processor_config.json', 'tokenizer.json': 'fast_tokenizer.json' },
} as const;

/** What each dtype is called in a safetensors file. */
export const storedDTypes: { readonly [D in DType]: SafetensorsDType } = {
  f32: 'F32',
  f64: 'F64',
  i32: 'I32',
  u32: 'U32',
  bool: 'BOOL',
  bf16: 'BF16',
  f16: 'F16',
};

const dtypeOf = (name: SafetensorsDType): DType | undefined =>
  (['f32', 'f64', 'i32', 'u32', 'bool', 'bf16', 'f16'] as const).find((dtype) => storedDTypes[dtype] === name);

const fastNames = ['processor_config.json', 'tokenizer.json'] as const;

/** The files of a tokenizer of action chunks as a checkpoint keeps them. */
export const fastContents = (fast: FastFiles): { readonly [name: string]: Uint8Array } =>
  Object.fromEntries(fastNames.map((name) => [checkpointFiles.fast[name], new TextEncoder().encode(fast[name])]));

/**
 * The tokenizer of action chunks that a checkpoint holds.
 *
 * @errors `MissingFile`
 */
export const savedFast = ({ path, files: held }: OpenCheckpoint): E.Either<CheckpointError, FastFiles> => {
  const [config, tokenizer] = fastNames.map((name) => held.get(checkpointFiles.fast[name]));
  if (config === undefined || tokenizer === undefined) {
    const name = config === undefined ? 'processor_config.json' : 'tokenizer.json';
    return E.left({ _tag: 'MissingFile', path, file: checkpointFiles.fast[name] });
  }
  const text = new TextDecoder();
  return E.right({ 'processor_config.json': text.decode(config), 'tokenizer.json': text.decode(tokenizer) });
};

const toValue = (name: string, { dtype: storedAs, shape, elements }: TypedTensor): E.Either<string, TensorValue> => {
  const dtype = dtypeOf(storedAs);
  if (dtype === undefined) return E.left(`${name} is ${storedAs}, which no tensor here has`);
  return pipe(
    // What is stored in a dtype of ours is read into an array of ours; another one would be refused here.
    tensorValue(dtype, shape, elements as HostArray),
    E.mapLeft((error) => `${name}: ${error.reason}`),
  );
};

/** A part of a checkpoint that has another form. */
export const badPart = (path: string, field: string, expected: string): CheckpointError => ({
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
    TE.flatMapEither((tensor) => E.mapLeft((why: string) => badPart(source.path, file, why))(toValue(name, tensor))),
    TE.flatMap((value): TE.TaskEither<CheckpointError | X, Buffer> => put(value, path)),
    TE.map((buffer) => [name, buffer] as const),
  );

/**
 * The tensors of a checkpoint's file on a device, one after another: the host holds one of them at a time.
 *
 * @param prefix - of their paths, by which a device knows how they lie.
 * @param wanted - of their names; all when left out.
 * @errors `MissingFile`, `BadManifest` for a tensor of no dtype of ours, `BadTree`, `CannotRead`, those of `put`.
 */
export const putTensors = <X>(
  put: Put<X>,
  { path, sources }: OpenCheckpoint,
  file: string,
  prefix: string,
  wanted: (name: string) => boolean = () => true,
): TE.TaskEither<CheckpointError | X, Tree<Buffer>> => {
  const source = sources.get(file);
  if (source === undefined) return TE.left({ _tag: 'MissingFile', path, file });
  return pipe(
    [...source.tensors.keys()].filter(wanted),
    TE.traverseSeqArray((name) => putTensor(put, source, file, name, prefix + name)),
    TE.flatMapEither((leaves): E.Either<CheckpointError | X, Tree<Buffer>> => treeFromNames(new Map(leaves))),
  );
};
