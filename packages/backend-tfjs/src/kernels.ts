import type { Direction, HostArray, Shape, TensorType } from '@torsor/tensor';

/** The element types that tfjs has. */
export type DeviceDType = 'f32' | 'i32' | 'bool';

/** Every element type that tfjs has. */
export const deviceDTypes: readonly DeviceDType[] = ['f32', 'i32', 'bool'];

/**
 * The device dtype of a type that `plan` has accepted.
 *
 * @param type - a type of one of the device's dtypes.
 */
export const deviceDType = ({ dtype }: TensorType): DeviceDType => {
  return dtype === 'f32' || dtype === 'i32' ? dtype : 'bool';
};

/** A tensor on a device: what a plan may know of it. */
export type DeviceTensor = {
  readonly dtype: DeviceDType;
  readonly shape: Shape;
};

/** Elementwise functions of one operand. */
export type UnaryName =
  | 'abs'
  | 'ceil'
  | 'cos'
  | 'exp'
  | 'expm1'
  | 'floor'
  | 'is_finite'
  | 'log'
  | 'log1p'
  | 'logistic'
  | 'neg'
  | 'not'
  | 'round_nearest_even'
  | 'rsqrt'
  | 'sign'
  | 'sin'
  | 'sqrt'
  | 'tanh';

/** Elementwise functions of two operands. */
export type BinaryName = 'add' | 'and' | 'div' | 'maximum' | 'minimum' | 'mul' | 'or' | 'pow' | 'rem' | 'sub';

/** Reductions over axes. */
export type ReduceName = 'reduce_max' | 'reduce_min' | 'reduce_sum';

/** First element, end (exclusive) and step per axis. */
export type Window = {
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly strides: readonly number[];
};

/** Elements added before, after and between, per axis. */
export type Padding = {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
  readonly value: number;
};

/** Which axis indices select along, and how many leading axes are walked together with it. */
export type Indexing = {
  readonly axis: number;
  readonly batchDims: number;
};

/** Collects the elements of a stacked result. */
export type Stacker<T> = {
  /** Takes the element at a position; it belongs to the stacker from now on. */
  readonly put: (position: number, element: T) => void;
  /** The stacked tensor; once, after the last `put`. */
  readonly done: () => T;
};

/**
 * What a device can do with tensors: the vocabulary that every lowering is written in.
 *
 * Shapes and dtypes have been checked when the program was built. Every result is a new tensor that its receiver frees; operands
 * stay the caller's. Operands of elementwise kernels have one rank, and an axis of extent 1 is repeated along the others'.
 */
export type Kernels<T extends DeviceTensor> = {
  readonly upload: (dtype: DeviceDType, shape: Shape, data: HostArray) => T;
  readonly download: (x: T) => HostArray;
  readonly free: (x: T) => void;
  /** The same elements under another shape of the same size; no copy where the device can avoid one. */
  readonly alias: (x: T, shape: Shape) => T;
  readonly unary: (name: UnaryName, x: T) => T;
  readonly binary: (name: BinaryName, x: T, y: T) => T;
  readonly compare: (direction: Direction, x: T, y: T) => T;
  readonly select: (predicate: T, x: T, y: T) => T;
  readonly convert: (x: T, dtype: DeviceDType) => T;
  readonly broadcast: (x: T, shape: Shape) => T;
  readonly reduce: (name: ReduceName, x: T, axes: readonly number[]) => T;
  readonly argmax: (x: T, axis: number) => T;
  readonly cumsum: (x: T, axis: number, reverse: boolean) => T;
  /** `[b, m, k] · [b, k, n]`; a transposed operand has its last two axes exchanged. */
  readonly matmul: (x: T, y: T, transposeX: boolean, transposeY: boolean) => T;
  readonly transpose: (x: T, permutation: readonly number[]) => T;
  readonly slice: (x: T, window: Window) => T;
  readonly pad: (x: T, padding: Padding) => T;
  readonly concatenate: (operands: readonly T[], axis: number) => T;
  readonly gather: (x: T, indices: T, indexing: Indexing) => T;
  readonly scatterAdd: (x: T, indices: T, updates: T, indexing: Indexing) => T;
  readonly dynamicSlice: (x: T, starts: readonly T[], sizes: Shape) => T;
  readonly dynamicUpdateSlice: (x: T, update: T, starts: readonly T[]) => T;
  /** `x[position]` along the first axis. */
  readonly element: (x: T, position: number) => T;
  /** Elements of one type along a new first axis. */
  readonly stack: (elements: readonly T[]) => T;
  /** The same, one element at a time. */
  readonly stacker: (dtype: DeviceDType, shape: Shape) => Stacker<T>;
};
