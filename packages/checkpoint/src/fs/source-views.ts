import type { TensorSource } from './stored-tensor.js';

/**
 * A source under other names.
 *
 * @param stored - for each name to be known, the one in the file; tensors that are not listed are hidden.
 */
export const renamedSource = (source: TensorSource, stored: ReadonlyMap<string, string>): TensorSource => ({
  ...source,
  tensors: new Map(
    [...stored].flatMap(([name, there]) => {
      const tensor = source.tensors.get(there);
      return tensor === undefined ? [] : [[name, tensor] as const];
    }),
  ),
  read: (name, offset, target) => source.read(stored.get(name) ?? name, offset, target),
});
