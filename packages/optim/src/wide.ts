import { convert, type DType, type Expr, mul, sub, withType } from '@torsor/tensor';

const isNarrow = (dtype: DType): boolean => dtype === 'bf16' || dtype === 'f16';

/** `x` in the dtype that running sums of it are kept in: narrow ones in f32, which small changes still move. */
export const widened = (x: Expr): Expr => withType(x, ({ dtype }) => convert(x, isNarrow(dtype) ? 'f32' : dtype));

/** `x` in the dtype of another expression. */
export const typedAs = (like: Expr, x: Expr): Expr => withType(like, ({ dtype }) => convert(x, dtype));

/** Splits the 24 bits of an f32 into the 8 of a bf16 and 16 others. */
const split = 2 ** 16 + 1;

/**
 * An f32 below 2¹¹¹ rounded to the nearest bf16, ties to even, in arithmetic of f32: for backends that have no bf16. The
 * product keeps 24 bits of about 2¹⁶ x + x, so its distance from 2¹⁶ x is a multiple of the last bit of a bf16.
 *
 * @source Veltkamp's splitting; Dekker 1971, doi 10.1007/BF01397083.
 */
export const roundedToBf16 = (x: Expr): Expr => {
  const product = mul(x, split);
  return sub(product, sub(product, x));
};
