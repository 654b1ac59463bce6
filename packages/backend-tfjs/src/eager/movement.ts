import { type Shape, stridesOf } from '@torsor/tensor';
import type { Kernels } from '../kernels.js';
import { rowsOf } from '../loops/elements.js';
import { placeRows } from '../loops/map.js';
import { type EagerContext, type EagerTensor, reshape, zeros } from './context.js';
import { pad } from './pad.js';

const strided = (
  context: EagerContext,
  x: EagerTensor,
  start: readonly number[],
  limit: readonly number[],
  strides: readonly number[],
): EagerTensor => {
  const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  return context.run(
    'StridedSlice',
    [context.type('T', x.dtype), context.type('Index', 'i32'), ...masks.map((mask) => context.int(mask, 0))],
    [x.id, context.vector(start), context.vector(limit), context.vector(strides)],
    x.dtype,
  );
};

const slice = (context: EagerContext, x: EagerTensor, start: readonly number[], size: Shape): EagerTensor => {
  return context.run(
    'Slice',
    [context.type('T', x.dtype), context.type('Index', 'i32')],
    [x.id, context.vector(start), context.vector(size)],
    x.dtype,
  );
};

const clampedStarts = (
  context: EagerContext,
  starts: readonly EagerTensor[],
  shape: Shape,
  sizes: Shape,
): readonly number[] => {
  return starts.map((start, axis) => {
    const last = (shape[axis] ?? 1) - (sizes[axis] ?? 1);
    return Math.min(Math.max(context.download(start)[0] ?? 0, 0), last);
  });
};

/** Kernels that move elements. */
export const eagerMovement = (
  context: EagerContext,
): Pick<
  Kernels<EagerTensor>,
  'broadcast' | 'transpose' | 'slice' | 'pad' | 'concatenate' | 'dynamicSlice' | 'dynamicUpdateSlice'
> => {
  return {
    broadcast: (x, shape) =>
      context.run(
        'BroadcastTo',
        [context.type('T', x.dtype), context.type('Tidx', 'i32')],
        [x.id, context.vector(shape)],
        x.dtype,
      ),
    transpose: (x, permutation) =>
      context.run(
        'Transpose',
        [context.type('T', x.dtype), context.type('Tperm', 'i32')],
        [x.id, context.vector(permutation)],
        x.dtype,
      ),
    slice: (x, { start, limit, strides }) =>
      strides.every((step) => step === 1)
        ? slice(
            context,
            x,
            start,
            start.map((from, axis) => (limit[axis] ?? 0) - from),
          )
        : strided(context, x, start, limit, strides),
    pad: (x, padding) => pad(context, x, padding),
    concatenate: (operands, axis) =>
      context.run(
        'ConcatV2',
        [
          context.int('N', operands.length),
          context.type('T', operands[0]?.dtype ?? 'f32'),
          context.type('Tidx', 'i32'),
        ],
        [...operands.map(({ id }) => id), context.scalar(axis)],
        operands[0]?.dtype ?? 'f32',
      ),
    dynamicSlice: (x, starts, sizes) => slice(context, x, clampedStarts(context, starts, x.shape, sizes), sizes),
    dynamicUpdateSlice: (x, update, starts) => {
      const first = clampedStarts(context, starts, x.shape, update.shape);
      const out = context.download(x).slice();
      const strides = stridesOf(x.shape);
      const offset = first.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);
      placeRows(out, context.download(update), rowsOf(update.shape, [strides], [offset]));
      return context.upload(x.dtype, x.shape, out);
    },
  };
};

const pack = (context: EagerContext, elements: readonly EagerTensor[]): EagerTensor => {
  const dtype = elements[0]?.dtype ?? 'f32';
  const attributes = [context.int('N', elements.length), context.type('T', dtype), context.int('axis', 0)];
  return context.run(
    'Pack',
    attributes,
    elements.map(({ id }) => id),
    dtype,
  );
};

/** Kernels that take stacked tensors apart and put them together. */
export const eagerStacking = (context: EagerContext): Pick<Kernels<EagerTensor>, 'element' | 'stack' | 'stacker'> => {
  return {
    element: (x, position) => {
      const rest = x.shape.slice(1);
      const cut = slice(context, x, [position, ...rest.map(() => 0)], [1, ...rest]);
      const out = reshape(context, cut, rest);
      context.free(cut);
      return out;
    },
    stack: (elements) => pack(context, elements),
    stacker: (dtype, shape) => {
      const parts: EagerTensor[] = [];
      return {
        put: (position, element) => {
          parts[position] = element;
        },
        done: () => {
          if (parts.length === 0) return context.upload(dtype, shape, zeros(dtype, 0));
          const out = pack(context, parts);
          for (const part of parts) context.free(part);
          return out;
        },
      };
    },
  };
};
