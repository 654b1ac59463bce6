import type { FloatDType, InspectedHashes, NameFormat } from '@torsor/checkpoint';
import type { BackendName } from '../backend/names.js';
import type { Layer } from '../config/layer.js';

/** Where a configuration begins, as written on the command line; `null` when nothing is. */
export type ConfigArguments = {
  readonly base: string | null;
  readonly settings: readonly string[];
  readonly flags: readonly Layer[];
};

/** How an existing run folder is met. */
export type OnExistingRun = 'refuse' | 'resume' | 'overwrite';

/** What the user asked for. */
export type Command =
  | {
      readonly _tag: 'Train';
      readonly config: ConfigArguments;
      readonly onExistingRun: OnExistingRun;
      /** What each device has, as written: `80GB`; what it says of itself when `null`. */
      readonly memory: string | null;
      readonly json: boolean;
    }
  | {
      readonly _tag: 'Eval';
      readonly checkpoint: string;
      readonly data: string | null;
      readonly backend: BackendName | null;
      /** Devices by axes, as written; one device when `null`. */
      readonly mesh: string | null;
      readonly json: boolean;
    }
  | { readonly _tag: 'FitFast'; readonly config: ConfigArguments; readonly output: string }
  | { readonly _tag: 'Inspect'; readonly checkpoint: string; readonly hashes: InspectedHashes }
  | {
      readonly _tag: 'Convert';
      readonly input: string;
      readonly output: string;
      readonly from: NameFormat | null;
      readonly to: NameFormat;
      readonly dtype: FloatDType | null;
      /** As written: `5GB`; one file when `null`. */
      readonly maxShard: string | null;
      readonly allowNonFinite: boolean;
      /** Averaged parameters of a checkpoint of ours. */
      readonly ema: boolean;
      /** Heads of a PyTorch file that are not those of the released models, as written. */
      readonly headDim: string | null;
      readonly imageHeads: string | null;
    }
  | { readonly _tag: 'NormStats'; readonly config: ConfigArguments; readonly output: string | null }
  | { readonly _tag: 'Config'; readonly config: ConfigArguments; readonly only: string | null }
  | { readonly _tag: 'Backends'; readonly backend: BackendName | null; readonly json: boolean }
  | {
      readonly _tag: 'Plan';
      readonly config: ConfigArguments;
      /** What each device has, as written: `80GB`. */
      readonly memory: string | null;
      /** What the transformer computes in; as the configuration says when `null`. */
      readonly compute: 'f32' | 'bf16' | null;
      readonly json: boolean;
    }
  | { readonly _tag: 'SetupXla'; readonly cuda: boolean }
  | { readonly _tag: 'SetupTfjsNative'; readonly cuda: boolean; readonly packageInstaller: boolean };
