import {
  type DType,
  fromFloat64,
  isFloat,
  roundTo,
  type TensorType,
  type TensorValue,
  tensorType,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

/** What frozen parameters are rounded to: nothing is added to them, so that their rounding does not accumulate. */
const frozenDtype: DType = 'bf16';

const heldType = ({ dtype, shape }: TensorType, held: DType): TensorType =>
  tensorType(isFloat(dtype) ? held : dtype, shape);

/**
 * The types of parameters of which some are frozen: those are held in bf16, the others as they are. Models convert a
 * parameter where they use it, so that frozen ones need no other treatment.
 *
 * @param isFrozen - by path.
 * @param held - another floating-point dtype for backends without bf16.
 * @source openpi `scripts/train.py` `init_train_state` (15a9616)
 */
export const storedTypes = (
  types: Tree<TensorType>,
  isFrozen: (path: string) => boolean,
  held: DType = frozenDtype,
): Tree<TensorType> => map(types, (type, path) => (isFrozen(path) ? heldType(type, held) : type));

const rounded = (value: TensorValue, held: DType): TensorValue => {
  const type = heldType(value.type, held);
  if (!isFloat(value.type.dtype)) return value;
  const numbers = value.type.dtype === 'f32' ? value.data : toFloat64(value);
  // The arrays of narrow dtypes hold patterns, those of the others the rounded numbers themselves.
  if (held === frozenDtype) return fromFloat64(type, numbers);
  return fromFloat64(
    type,
    Float64Array.from(numbers, (x) => roundTo(frozenDtype, x)),
  );
};

/**
 * Parameters as {@link storedTypes} types them: the frozen ones rounded to the nearest bf16, ties to even, whatever they
 * are held in.
 *
 * @law the types of the result are `storedTypes` of the types; what is not frozen is the same value; storing twice is
 * storing once.
 */
export const storeFrozen = (
  params: Tree<TensorValue>,
  isFrozen: (path: string) => boolean,
  held: DType = frozenDtype,
): Tree<TensorValue> => map(params, (value, path) => (isFrozen(path) ? rounded(value, held) : value));
