import { type Shape, sizeOf, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { ExactTensor, type Nested } from './numbers.js';

/** Multiples of 1/8 in [−2, 2]: exact in every floating-point dtype, and short to read in a counterexample. */
export const smallNumber: fc.Arbitrary<number> = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);

/** Nested arrays of a shape. */
export const nested = (shape: Shape, element: fc.Arbitrary<number> = smallNumber): fc.Arbitrary<Nested> => {
  const [extent, ...rest] = shape;
  return extent === undefined ? element : fc.array(nested(rest, element), { minLength: extent, maxLength: extent });
};

/** Shapes of few elements: up to `maxRank` axes of extents up to `maxExtent`. */
export const shape = (maxRank = 3, maxExtent = 3): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: maxExtent }), { maxLength: maxRank });

/** Tensors of a shape in the float64 meaning of the language. */
export const exactTensor = (
  of: Shape,
  dtype: 'f32' | 'f64' | 'i32' | 'bool' = 'f32',
  element: fc.Arbitrary<number> = smallNumber,
): fc.Arbitrary<ExactTensor> =>
  fc
    .array(element, { minLength: sizeOf(of), maxLength: sizeOf(of) })
    .map((numbers) => new ExactTensor(tensorType(dtype, of), Float64Array.from(numbers)));

/** A permutation of `0 … n − 1`. */
export const permutation = (n: number): fc.Arbitrary<readonly number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );

/** The items at the given positions. */
export const pick = <A>(items: readonly A[], order: readonly number[]): readonly A[] =>
  order.flatMap((i) => items.slice(i, i + 1));
