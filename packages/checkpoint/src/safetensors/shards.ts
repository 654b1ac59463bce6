import type { DeclaredTensor } from './declared.js';
import { byteSize } from './tensor.js';

/** One file of a sharded set. */
export type Shard<T extends DeclaredTensor> = {
  readonly file: string;
  readonly tensors: readonly T[];
};

const digits = (n: number): string => String(n).padStart(5, '0');

/**
 * Tensors divided among files of at most `maxBytes` of data each, in the order given; a tensor larger than that has a file of its own.
 *
 * @param stem - `model` gives `model.safetensors`, or `model-00001-of-00002.safetensors` and so on.
 * @law every tensor is in one shard; joined together the shards give the tensors in their order.
 */
export const splitShards = <T extends DeclaredTensor>(
  tensors: readonly T[],
  maxBytes: number,
  stem: string,
): readonly Shard<T>[] => {
  const groups: T[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = byteSize(tensor.dtype, tensor.shape) ?? Number.POSITIVE_INFINITY;
    if (filled > 0 && filled + bytes > maxBytes) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(tensor);
    filled += bytes;
  }
  const name = (i: number): string =>
    groups.length === 1 ? `${stem}.safetensors` : `${stem}-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`;
  return groups.map((group, i) => ({ file: name(i), tensors: group }));
};
