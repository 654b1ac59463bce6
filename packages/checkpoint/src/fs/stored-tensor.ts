import type * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';
import type { WeightFiles } from './weight-files.js';

/** A tensor on the disk: what it is and where its bytes are. */
export type StoredTensor = {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly file: string;
  /** First byte in the file. */
  readonly begin: number;
  readonly bytes: number;
};

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
