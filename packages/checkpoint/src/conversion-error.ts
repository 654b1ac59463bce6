import { nearestKey } from '@torsor/tree';
import type { JsonDifference } from './json.js';
import type { NameDifference } from './names/plan.js';
import type { TargetFormat } from './names/rule.js';
import { some } from './some.js';

/** A tensor with infinities or NaN among its elements. */
export type NonFiniteTensor = {
  readonly name: string;
  readonly count: number;
  readonly elements: number;
};

/**
 * Why weights could not be read or converted.
 *
 * `SeveralWeights` a directory with more than one model in it; `BadOrbax` what Orbax saved is damaged or of another form; `BadIndex` a `*.index.json` that contradicts its files; `UnknownFormat` names of no known library; `NoNames` a format has no names
 * for that model; `NamesDisagree` keys missing, unknown or of another shape; `NonFinite` infinities or NaN among the weights, or made
 * by narrowing; `NoImageTower` a model trained without cameras; `TiedDiffer` two names of one tensor with different content; `BadOption` an option out of range; `VocabularyMismatch`,
 * `ConfigMismatch` a checkpoint of another vocabulary or configuration.
 */
export type ConversionError =
  | { readonly _tag: 'BadOrbax'; readonly path: string; readonly file: string; readonly reason: string }
  | { readonly _tag: 'SeveralWeights'; readonly path: string; readonly candidates: readonly string[] }
  /** A model without image tower, of which another library has none. */
  | { readonly _tag: 'NoImageTower'; readonly path: string; readonly format: TargetFormat }
  | { readonly _tag: 'BadIndex'; readonly path: string; readonly file: string; readonly reason: string }
  | { readonly _tag: 'UnknownFormat'; readonly path: string; readonly names: readonly string[] }
  | { readonly _tag: 'NoNames'; readonly format: TargetFormat; readonly family: string }
  | { readonly _tag: 'NamesDisagree'; readonly path: string; readonly difference: NameDifference }
  | {
      readonly _tag: 'NonFinite';
      readonly path: string;
      readonly tensors: readonly NonFiniteTensor[];
      /** The dtype whose range was too small, where the source was finite. */
      readonly narrowedTo?: string;
    }
  | { readonly _tag: 'TiedDiffer'; readonly path: string; readonly kept: string; readonly duplicate: string }
  | { readonly _tag: 'BadOption'; readonly option: string; readonly expected: string }
  | {
      readonly _tag: 'VocabularyMismatch';
      readonly path: string;
      readonly checkpoint: number;
      readonly tokenizer: number;
    }
  | { readonly _tag: 'ConfigMismatch'; readonly path: string; readonly differences: readonly JsonDifference[] };

const showNames = ({ missing, unused, misshaped }: NameDifference): string => {
  const suggest = (name: string): string => {
    const nearest = nearestKey(name, missing);
    return nearest === undefined ? name : `${name} (nearest missing: ${nearest})`;
  };
  const parts = [
    missing.length > 0 ? `missing ${some(missing, String)}` : '',
    unused.length > 0 ? `unknown ${some(unused, suggest)}` : '',
    misshaped.length > 0
      ? `of another shape ${some(misshaped, (m) => `${m.name}: expected ${m.expected}, found ${m.actual}`)}`
      : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
};

const showNonFinite = ({ name, count, elements }: NonFiniteTensor): string => `${name} (${count} of ${elements})`;

/** One line in words for a `ConversionError`: what was found, what was expected, what to do. */
export const showConversionError = (error: ConversionError): string => {
  switch (error._tag) {
    case 'SeveralWeights':
      return `${error.path} holds more than one model, ${some(error.candidates, String)}: give the path of the one that is meant, or move the others away`;
    case 'BadOrbax':
      return `${error.file} in ${error.path}, which Orbax wrote: ${error.reason}; copy it again, or convert it with openpi's own tools`;
    case 'NoImageTower':
      return `${error.path} was trained without cameras and has no image tower, which every model of ${error.format} has: train with model.cameras, or convert to torsor`;
    case 'BadIndex':
      return `${error.file} in ${error.path}: ${error.reason}; copy the files again`;
    case 'UnknownFormat':
      return `${error.path} has names of no known format (${some(error.names, String)}): expected openpi's JAX paths, openpi-PyTorch or LeRobot`;
    case 'NoNames':
      return `${error.format} has no ${error.family}: write another format`;
    case 'NamesDisagree':
      return `${error.path} is not the model that its names promise: ${showNames(error.difference)}`;
    case 'NonFinite':
      return error.narrowedTo === undefined
        ? `${error.path} holds infinities or NaN in ${some(error.tensors, showNonFinite)}: use another copy, or allow them explicitly`
        : `${error.path} holds numbers beyond the range of ${error.narrowedTo} in ${some(error.tensors, showNonFinite)}: write another dtype, or allow infinities explicitly`;
    case 'TiedDiffer':
      return `${error.path}: '${error.kept}' and '${error.duplicate}' are one tensor in this model and differ: remove the wrong one`;
    case 'BadOption':
      return `'${error.option}' must be ${error.expected}`;
    case 'VocabularyMismatch':
      return `${error.path} has ${error.checkpoint} token embeddings and the tokenizer ${error.tokenizer} tokens: use the tokenizer it was trained with`;
    case 'ConfigMismatch':
      return `${error.path} was trained with another configuration: ${some(error.differences, (d) => `${d.path}: expected ${d.expected}, found ${d.actual}`)}`;
  }
};
