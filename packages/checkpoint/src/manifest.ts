import type { JsonObject } from './json.js';

/** Statistics that actions and states were normalized with. A policy run under others moves the robot wrongly. */
export type Normalization = {
  /** For example `mean_std` or `quantile`. */
  readonly mode: string;
  /** By feature: lists of numbers in the dataset's units. */
  readonly statistics: JsonObject;
};

/** What a training run says about the state it saves. */
export type ManifestFields = {
  /** Program and version that wrote it, for example `torsor 0.1.0`. */
  readonly createdBy: string;
  /** Optimizer steps completed. */
  readonly step: number;
  readonly config: JsonObject;
  // A wire name: checkpoints spell it so.
  readonly normalisation: Normalization;
  readonly dataset: {
    readonly id: string;
    readonly splitHash: string;
    /** What each episode is known by that was trained on. */
    readonly trained?: readonly string[];
    /** Names of the dimensions, in the order in which the policy has them. */
    readonly stateNames?: readonly string[];
    readonly actionNames?: readonly string[];
  };
  /** Where reading continues: samples already taken of the epoch's order. */
  readonly position: { readonly epoch: number; readonly offset: number };
  /** Random key of the run: two unsigned 32-bit words. */
  readonly key: readonly [number, number];
};

/** Size and SHA-256 (hex) of one file. */
export type FileRecord = {
  readonly bytes: number;
  readonly sha256: string;
};

/** The content of `manifest.json`. */
export type Manifest = ManifestFields & {
  readonly formatVersion: 1;
  /** `architectureFingerprint` of `params.safetensors`. */
  readonly architecture: string;
  readonly files: { readonly [name: string]: FileRecord };
};
