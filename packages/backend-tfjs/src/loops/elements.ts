import type { DeviceDType } from '../kernels.js';

/** The elements of a device tensor as they lie in host or wasm memory. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** Bytes per element. */
export const bytesOf: { readonly [D in DeviceDType]: number } = { f32: 4, i32: 4, bool: 1 };

/**
 * The row-major strides of held extents, 0 along axes of extent 1, so that they repeat.
 *
 * @param shape - held extents.
 */
export const repeatingStrides = (shape: readonly number[]): readonly number[] => {
  const strides = new Array<number>(shape.length).fill(0);
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis] ?? 1;
    strides[axis] = extent === 1 ? 0 : size;
    size *= extent;
  }
  return strides;
};

/** A walk over the rows of a result: how many, how long, and where each begins in each operand. */
export type Rows = {
  readonly count: number;
  readonly length: number;
  /** Per operand: first element of each row. */
  readonly starts: readonly Int32Array[];
  /** Per operand: distance between a row's elements. */
  readonly steps: readonly number[];
};

/**
 * Splits a walk over `shape` into rows as long as possible, along which every operand moves evenly.
 *
 * @param shape - extents walked over, row-major.
 * @param strides - per operand, its stride along each axis.
 * @param offsets - per operand, where the walk begins; 0 by default.
 */
export const rowsOf = (
  shape: readonly number[],
  strides: ReadonlyArray<readonly number[]>,
  offsets: readonly number[] = strides.map(() => 0),
): Rows => {
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  let inner = axes.length - 1;
  let length = inner < 0 ? 1 : (shape[axes[inner] ?? 0] ?? 1);
  const steps = strides.map((stride) => (inner < 0 ? 0 : (stride[axes[inner] ?? 0] ?? 0)));
  const continues = (axis: number): boolean =>
    strides.every((stride, i) => (stride[axis] ?? 0) === (steps[i] ?? 0) * length);
  while (inner > 0 && continues(axes[inner - 1] ?? 0)) {
    inner -= 1;
    length *= shape[axes[inner] ?? 0] ?? 1;
  }
  const outer = axes.slice(0, Math.max(inner, 0));
  const extents = outer.map((axis) => shape[axis] ?? 1);
  const count = extents.reduce((product, extent) => product * extent, 1);
  const starts = strides.map((stride, i) =>
    rowStarts(
      extents,
      outer.map((axis) => stride[axis] ?? 0),
      offsets[i] ?? 0,
      count,
    ),
  );
  return { count: shape.includes(0) ? 0 : count, length, starts, steps };
};

const rowStarts = (
  extents: readonly number[],
  strides: readonly number[],
  first: number,
  count: number,
): Int32Array => {
  const starts = new Int32Array(count);
  const counter = new Int32Array(extents.length);
  let at = first;
  for (let row = 0; row < count; row++) {
    starts[row] = at;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const next = (counter[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      at += stride;
      if (next < (extents[axis] ?? 1)) {
        counter[axis] = next;
        break;
      }
      at -= next * stride;
      counter[axis] = 0;
    }
  }
  return starts;
};
