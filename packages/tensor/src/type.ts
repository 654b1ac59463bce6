/** Element types. `f64` exists on the reference and on XLA only; backends say what they have in their capabilities. */
export type DType = 'f32' | 'bf16' | 'f16' | 'f64' | 'i32' | 'u32' | 'bool';

/** Every element type, floats first. */
export const dtypes: readonly DType[] = ['f32', 'bf16', 'f16', 'f64', 'i32', 'u32', 'bool'];

/** Extents of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** What is known of a tensor when an expression is built: its element type and its shape. */
export class TensorType {
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(dtype: DType, shape: Shape) {
    this.dtype = dtype;
    this.shape = shape;
  }
}

/** The type of a tensor: `tensorType('f32', [2, 3])`. */
export const tensorType = (dtype: DType, shape: Shape = []): TensorType => new TensorType(dtype, shape);

/** Whether the elements are real numbers, so that derivatives flow. */
export const isFloat = (dtype: DType): boolean =>
  dtype === 'f32' || dtype === 'bf16' || dtype === 'f16' || dtype === 'f64';

/** Whether the elements are integers. */
export const isInteger = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32';

/** The number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/** Whether two shapes have the same extents. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

/** Whether two types have the same element type and shape. */
export const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** A type as text: `f32[2,3]`; a scalar is `f32[]`. */
export const showType = (type: TensorType): string => `${type.dtype}[${type.shape.join(',')}]`;

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): readonly number[] => {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = entry(strides, axis + 1) * entry(shape, axis + 1);
  }
  return strides;
};

/** The extent of an axis; 1 outside the rank, so that kernels need no second check after `infer`. */
export const extentOf = (shape: Shape, axis: number): number => shape[axis] ?? 1;

/** The number at a position that exists: here, and not at every use, the type system is told so. */
export const entry = (list: ArrayLike<number>, position: number): number => list[position] ?? 0;

/** `entry` of the numbers of a tensor: a function of its own, so that the engine sees one kind of array in the inner loops. */
export const element = (data: Float64Array, position: number): number => data[position] ?? 0;

/** `[0, 1, …, n - 1]`. */
export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
