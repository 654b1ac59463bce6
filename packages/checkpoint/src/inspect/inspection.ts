import type { Json } from '../json.js';
import type { Manifest } from '../manifest.js';
import type { NameFormat } from '../names/rule.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';

/** A tensor of a file that was looked at. */
export type InspectedTensor = {
  readonly name: string;
  readonly file: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  /** SHA-256 (hex) of its bytes, where it was asked for. */
  readonly sha256?: string;
};

/** A file that was looked at. */
export type InspectedFile = {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 (hex), unless it was not asked for. */
  readonly sha256?: string;
  /** Free text of a safetensors header. */
  readonly metadata: { readonly [key: string]: string };
};

/** Everything that can be said of a checkpoint without a model. */
export type Inspection = {
  readonly path: string;
  readonly kind: 'checkpoint' | 'sharded' | 'single' | 'orbax';
  /** Whose names the parameters have, and of which model, where they are known. */
  readonly names: { readonly format: NameFormat; readonly family: string } | null;
  readonly files: readonly InspectedFile[];
  /** By file and name. */
  readonly tensors: readonly InspectedTensor[];
  /** Elements of the parameters; a checkpoint's averages and optimizer state are not counted. */
  readonly parameters: number;
  readonly provenance: {
    /** Of a checkpoint of ours: who wrote it, at which step, from which data, with which configuration and statistics. */
    readonly manifest: Omit<Manifest, 'files'> | null;
    /** The report beside converted files. */
    readonly conversion: Json | null;
  };
  /** What does not agree, in words: hashes, sizes, files that nothing names. */
  readonly notes: readonly string[];
};
