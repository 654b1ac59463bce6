import { type FileError, showFileError } from '@torsor/files';
import { nearestKey } from '@torsor/tree';
import type { ArchitectureDifference } from './architecture.js';
import { type ConversionError, showConversionError } from './conversion-error.js';
import type { JsonDifference } from './json.js';
import type { SafetensorsError } from './safetensors/error.js';
import { showSafetensorsError } from './safetensors/error.js';
import { some } from './some.js';

/**
 * Why a checkpoint could not be written, found or used.
 *
 * `CannotWrite`, `CannotRead` the file system refused (disk full, no permission, …: `code` is its own word); `AlreadyExists` a
 * checkpoint of that step is there; `MissingFile`; `SizeDiffers` a file is cut short or too long; `HashMismatch` a byte changed;
 * `BadManifest` a field has the wrong form; `BadSafetensors` a file is whole but not safetensors; `BadTree` a parameter tree has no flat
 * names; `ArchitectureMismatch`, `StatisticsMismatch` the checkpoint belongs to another model or other statistics;
 * `NoCheckpoint` none of the run's checkpoints is whole; `BadPolicy` a retention that would keep nothing; and those of `ConversionError`.
 */
export type CheckpointError =
  | FileError
  | { readonly _tag: 'MissingFile'; readonly path: string; readonly file: string }
  | {
      readonly _tag: 'SizeDiffers';
      readonly path: string;
      readonly file: string;
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly _tag: 'HashMismatch'; readonly path: string; readonly file: string }
  | { readonly _tag: 'BadManifest'; readonly path: string; readonly field: string; readonly expected: string }
  | { readonly _tag: 'BadSafetensors'; readonly path: string; readonly file: string; readonly error: SafetensorsError }
  | { readonly _tag: 'BadTree'; readonly path: string; readonly reason: string }
  | { readonly _tag: 'ArchitectureMismatch'; readonly path: string; readonly difference: ArchitectureDifference }
  | { readonly _tag: 'StatisticsMismatch'; readonly path: string; readonly differences: readonly JsonDifference[] }
  | { readonly _tag: 'NoCheckpoint'; readonly path: string; readonly skipped: readonly CheckpointError[] }
  | { readonly _tag: 'BadPolicy'; readonly field: string; readonly expected: string }
  | ConversionError;

const showDifference = ({ missing, unexpected, misshaped }: ArchitectureDifference): string => {
  const suggest = (name: string): string => {
    const nearest = nearestKey(name, missing);
    return nearest === undefined ? name : `${name} (nearest missing: ${nearest})`;
  };
  const parts = [
    missing.length > 0 ? `missing ${some(missing, String)}` : '',
    unexpected.length > 0 ? `unexpected ${some(unexpected, suggest)}` : '',
    misshaped.length > 0
      ? `of another shape ${some(misshaped, (m) => `${m.name}: expected ${m.expected}, found ${m.actual}`)}`
      : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
};

/** One line in words for a `CheckpointError`: the file, what was expected, what to do. */
export const showCheckpointError = (error: CheckpointError): string => {
  switch (error._tag) {
    case 'CannotWrite':
    case 'CannotRead':
    case 'AlreadyExists':
      return showFileError(error);
    case 'MissingFile':
      return `${error.path} has no ${error.file}: the checkpoint is incomplete; use an older one`;
    case 'SizeDiffers':
      return `${error.file} in ${error.path} has ${error.actual} bytes instead of ${error.expected}: it was cut or appended to; use an older checkpoint`;
    case 'HashMismatch':
      return `${error.file} in ${error.path} is not what was written (its SHA-256 differs): use an older checkpoint`;
    case 'BadManifest':
      return `manifest.json in ${error.path}: '${error.field}' must be ${error.expected}`;
    case 'BadSafetensors':
      return `${error.file} in ${error.path}: ${showSafetensorsError(error.error)}`;
    case 'BadTree':
      return `parameters at '${error.path}' have no flat name: ${error.reason}`;
    case 'ArchitectureMismatch':
      return `${error.path} belongs to another model: ${showDifference(error.difference)}; use the configuration it was trained with`;
    case 'StatisticsMismatch':
      return `${error.path} was trained with other normalization: ${some(error.differences, (d) => `${d.path}: expected ${d.expected}, found ${d.actual}`)}`;
    case 'NoCheckpoint':
      return `${error.path} has no whole checkpoint${error.skipped.length > 0 ? `: ${some(error.skipped, showCheckpointError)}` : ''}`;
    case 'BadPolicy':
      return `retention '${error.field}' must be ${error.expected}`;
    default:
      return showConversionError(error);
  }
};
