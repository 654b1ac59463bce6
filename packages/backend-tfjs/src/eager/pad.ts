import { type Shape, stridesOf } from '@torsor/tensor';
import type { Padding } from '../kernels.js';
import { rowsOf } from '../loops/elements.js';
import { placeRows } from '../loops/map.js';
import { type EagerContext, type EagerTensor, zeros } from './context.js';

const padOnHost = (context: EagerContext, x: EagerTensor, { low, high, interior, value }: Padding): EagerTensor => {
  const shape = x.shape.map(
    (n, axis) => (low[axis] ?? 0) + n + Math.max(n - 1, 0) * (interior[axis] ?? 0) + (high[axis] ?? 0),
  );
  const strides = stridesOf(shape);
  const first = low.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);
  const steps = strides.map((stride, axis) => stride * ((interior[axis] ?? 0) + 1));
  const out = zeros(
    x.dtype,
    shape.reduce((product, n) => product * n, 1),
  ).fill(value);
  placeRows(out, context.download(x), rowsOf(x.shape, [steps], [first]));
  return context.upload(x.dtype, shape, out);
};

/** One value around and between the elements; between them on the host. */
export const pad = (context: EagerContext, x: EagerTensor, padding: Padding): EagerTensor => {
  if (padding.interior.some((n) => n > 0)) return padOnHost(context, x, padding);
  const { low, high, value } = padding;
  const flat = reshapedVector(
    context,
    low.flatMap((n, axis) => [n, high[axis] ?? 0]),
    [low.length, 2],
  );
  const filling = context.upload(
    x.dtype,
    [],
    x.dtype === 'f32' ? Float32Array.of(value) : x.dtype === 'i32' ? Int32Array.of(value) : Uint8Array.of(value),
  );
  const out = context.run(
    'PadV2',
    [context.type('T', x.dtype), context.type('Tpaddings', 'i32')],
    [x.id, flat.id, filling.id],
    x.dtype,
  );
  context.free(filling);
  context.free(flat);
  return out;
};

const reshapedVector = (context: EagerContext, values: readonly number[], shape: Shape): EagerTensor => {
  return context.upload('i32', shape, Int32Array.from(values));
};
