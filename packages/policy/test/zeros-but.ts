import { sizeOf, type TensorType, TensorValue } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

/** Parameters of types that are zero but for those that are given, by path: some of their numbers by index, or all. */
export const zerosBut = (
  types: Tree<TensorType>,
  given: { readonly [path: string]: ArrayLike<number> | { readonly [index: number]: number } },
): Tree<TensorValue> =>
  map<TensorType, TensorValue>(types, (type, path) => {
    const numbers = new Float32Array(sizeOf(type.shape));
    for (const [index, value] of Object.entries(given[path] ?? {})) numbers[Number(index)] = value;
    return new TensorValue(type, numbers);
  });
