import * as E from 'fp-ts/lib/Either.js';
import type { ConversionError } from '../conversion-error.js';
import type { PlannedTensor } from '../names/plan.js';
import type { TargetFormat } from '../names/rule.js';
import type { DeclaredTensor } from '../safetensors/declared.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';
import type { ConversionOptions } from './options.js';
import type { PlannedConversion } from './plan-conversion.js';

/** A tensor to be written, and the dtype in which its source has it. */
export type OutputTensor = DeclaredTensor &
  PlannedTensor & {
    readonly source: SafetensorsDType;
  };

/** Name of a format's weight file, without its ending. */
export const stemOf = (format: TargetFormat): string => (format === 'torsor' ? 'params' : 'model');

/** Free text of the files: PyTorch's libraries look for `format`, and name there what a tied tensor is also called. */
export const metadataOf = (format: TargetFormat, { aliases }: PlannedConversion): Readonly<Record<string, string>> =>
  format === 'torsor' ? { format } : { format: 'pt', ...aliases };

/**
 * The dtype of every tensor to be written: the one asked for, else the source's own.
 *
 * @errors `BadOption` when one tensor is made of several of different dtypes and none was asked for.
 */
export const outputTensors = (
  { tensors }: PlannedConversion,
  { dtype }: Pick<ConversionOptions, 'dtype'>,
  dtypeOf: (name: string) => SafetensorsDType,
): E.Either<ConversionError, readonly OutputTensor[]> => {
  const first = tensors.find(({ slices }) => slices.length > 0)?.slices[0]?.source;
  const common = first === undefined ? 'F32' : dtypeOf(first);
  const out: OutputTensor[] = [];
  for (const tensor of tensors) {
    const found = [...new Set(tensor.slices.map(({ source }) => dtypeOf(source)))];
    if (found.length > 1 && dtype === undefined) {
      const expected = `given: '${tensor.name}' is made of tensors that are ${found.join(' and ')}`;
      return E.left({ _tag: 'BadOption', option: 'dtype', expected });
    }
    const source = found[0] ?? common;
    out.push({ ...tensor, dtype: dtype ?? source, source });
  }
  return E.right(out);
};
