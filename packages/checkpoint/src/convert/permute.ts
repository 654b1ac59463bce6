/** Elements of up to four bytes, as bit patterns; of eight bytes each half counts as an element on one more axis. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

type Axis = {
  readonly size: number;
  /** Elements of the source between two neighbours on this axis. */
  readonly stride: number;
};

const axesWritten = (shape: readonly number[], order: readonly number[]): readonly Axis[] => {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return order.map((axis) => ({ size: shape[axis] ?? 1, stride: strides[axis] ?? 0 }));
};

// Neighbouring axes that stay neighbours are one axis.
const merged = (axes: readonly Axis[]): readonly Axis[] => {
  const out: Axis[] = [];
  for (const axis of axes) {
    const last = out.at(-1);
    if (axis.size === 1) continue;
    if (last !== undefined && last.stride === axis.stride * axis.size)
      out[out.length - 1] = { size: last.size * axis.size, stride: axis.stride };
    else out.push(axis);
  }
  return out;
};

/** Whether writing the axes in this order leaves every element where it is. */
export const isIdentity = (shape: readonly number[], order: readonly number[]): boolean => {
  const [axis, ...others] = merged(axesWritten(shape, order));
  return axis === undefined || (others.length === 0 && axis.stride === 1);
};

/** Moves the indices of all axes but the last one step on; `source` is where the next run begins. */
const advance = (axes: readonly Axis[], indices: Int32Array, source: number): number => {
  let at = source;
  for (let i = axes.length - 1; i >= 0; i -= 1) {
    const { size, stride } = axes[i] ?? { size: 1, stride: 0 };
    const next = (indices[i] ?? 0) + 1;
    at += stride;
    if (next < size) {
      indices[i] = next;
      return at;
    }
    indices[i] = 0;
    at -= size * stride;
  }
  return at;
};

/**
 * A row-major tensor with its axes in another order: `out[i] = source[…]` with axis `order[k]` of the source as axis `k`.
 *
 * @param target - as long as `source`; every element is written.
 * @law permuting by an order and then by its inverse gives the source back.
 */
export const permute = (source: Words, shape: readonly number[], order: readonly number[], target: Words): void => {
  const axes = merged(axesWritten(shape, order));
  const outer = axes.slice(0, -1);
  const { size, stride } = axes.at(-1) ?? { size: source.length, stride: 1 };
  const indices = new Int32Array(outer.length);
  let at = 0;
  for (let run = 0; run < source.length; run += size) {
    for (let i = 0; i < size; i += 1) target[run + i] = source[at + i * stride] ?? 0;
    at = advance(outer, indices, at);
  }
};
