import { type Shape, stridesOf } from '@torsor/tensor';
import type { DeviceDType, Kernels, Padding } from '../kernels.js';
import { type Elements, rowsOf } from '../loops/elements.js';
import { gatherExtents, scatterAddRows } from '../loops/indexing.js';
import { placeRows } from '../loops/map.js';
import type { EagerContext, EagerTensor } from './context.js';
import { eagerElementwise } from './elementwise.js';

const reductions = { reduce_max: 'Max', reduce_min: 'Min', reduce_sum: 'Sum' } as const;

function reshape(context: EagerContext, x: EagerTensor, shape: Shape): EagerTensor {
  return context.run('Reshape', [context.type('T', x.dtype), context.type('Tshape', 'i32')], [x.id, context.vector(shape)], x.dtype);
}

function folding(context: EagerContext): Pick<Kernels<EagerTensor>, 'reduce' | 'argmax' | 'cumsum' | 'matmul'> {
  return {
    reduce: (name, x, axes) =>
      context.run(
        reductions[name],
        [context.flag('keep_dims', false), context.type('T', x.dtype), context.type('Tidx', 'i32')],
        [x.id, context.vector(axes)],
        x.dtype,
      ),
    argmax: (x, axis) =>
      context.run(
        'ArgMax',
        [context.type('T', x.dtype), context.type('Tidx', 'i32'), context.type('output_type', 'i32')],
        [x.id, context.scalar(axis)],
        'i32',
      ),
    cumsum: (x, axis, reverse) =>
      context.run(
        'Cumsum',
        [
          context.flag('exclusive', false),
          context.flag('reverse', reverse),
          context.type('T', x.dtype),
          context.type('Tidx', 'i32'),
        ],
        [x.id, context.scalar(axis)],
        x.dtype,
      ),
    matmul: (x, y, transposeX, transposeY) =>
      context.run(
        'BatchMatMulV2',
        [context.type('T', x.dtype), context.flag('adj_x', transposeX), context.flag('adj_y', transposeY)],
        [x.id, y.id],
        x.dtype,
      ),
  };
}

function zeros(dtype: DeviceDType, size: number): Elements {
  if (dtype === 'f32') return new Float32Array(size);
  return dtype === 'i32' ? new Int32Array(size) : new Uint8Array(size);
}

function padOnHost(context: EagerContext, x: EagerTensor, { low, high, interior, value }: Padding): EagerTensor {
  const shape = x.shape.map(
    (n, axis) => (low[axis] ?? 0) + n + Math.max(n - 1, 0) * (interior[axis] ?? 0) + (high[axis] ?? 0),
  );
  const strides = stridesOf(shape);
  const first = low.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);
  const steps = strides.map((stride, axis) => stride * ((interior[axis] ?? 0) + 1));
  const out = zeros(x.dtype, shape.reduce((product, n) => product * n, 1)).fill(value);
  placeRows(out, context.download(x), rowsOf(x.shape, [steps], [first]));
  return context.upload(x.dtype, shape, out);
}

function pad(context: EagerContext, x: EagerTensor, padding: Padding): EagerTensor {
  if (padding.interior.some((n) => n > 0)) return padOnHost(context, x, padding);
  const { low, high, value } = padding;
  const flat = reshapedVector(context, low.flatMap((n, axis) => [n, high[axis] ?? 0]), [low.length, 2]);
  const filling = context.upload(x.dtype, [], x.dtype === 'f32' ? Float32Array.of(value) : x.dtype === 'i32' ? Int32Array.of(value) : Uint8Array.of(value));
  const out = context.run('PadV2', [context.type('T', x.dtype), context.type('Tpaddings', 'i32')], [x.id, flat.id, filling.id], x.dtype);
  context.free(filling);
  context.free(flat);
  return out;
}

function reshapedVector(context: EagerContext, values: readonly number[], shape: Shape): EagerTensor {
  return context.upload('i32', shape, Int32Array.from(values));
}

function strided(context: EagerContext, x: EagerTensor, start: readonly number[], limit: readonly number[], strides: readonly number[]): EagerTensor {
  const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  return context.run(
    'StridedSlice',
    [context.type('T', x.dtype), context.type('Index', 'i32'), ...masks.map((mask) => context.int(mask, 0))],
    [x.id, context.vector(start), context.vector(limit), context.vector(strides)],
    x.dtype,
  );
}

function slice(context: EagerContext, x: EagerTensor, start: readonly number[], size: Shape): EagerTensor {
  return context.run(
    'Slice',
    [context.type('T', x.dtype), context.type('Index', 'i32')],
    [x.id, context.vector(start), context.vector(size)],
    x.dtype,
  );
}

function clampedStarts(context: EagerContext, starts: readonly EagerTensor[], shape: Shape, sizes: Shape): readonly number[] {
  return starts.map((start, axis) => {
    const last = (shape[axis] ?? 1) - (sizes[axis] ?? 1);
    return Math.min(Math.max(context.download(start)[0] ?? 0, 0), last);
  });
}

function pack(context: EagerContext, elements: readonly EagerTensor[]): EagerTensor {
  const dtype = elements[0]?.dtype ?? 'f32';
  const attributes = [context.int('N', elements.length), context.type('T', dtype), context.int('axis', 0)];
  return context.run('Pack', attributes, elements.map(({ id }) => id), dtype);
}

function movement(
  context: EagerContext,
): Pick<Kernels<EagerTensor>, 'broadcast' | 'transpose' | 'slice' | 'pad' | 'concatenate' | 'dynamicSlice' | 'dynamicUpdateSlice' | 'element' | 'stack' | 'stacker'> {
  return {
    broadcast: (x, shape) =>
      context.run('BroadcastTo', [context.type('T', x.dtype), context.type('Tidx', 'i32')], [x.id, context.vector(shape)], x.dtype),
    transpose: (x, permutation) =>
      context.run('Transpose', [context.type('T', x.dtype), context.type('Tperm', 'i32')], [x.id, context.vector(permutation)], x.dtype),
    slice: (x, { start, limit, strides }) =>
      strides.every((step) => step === 1)
        ? slice(context, x, start, start.map((from, axis) => (limit[axis] ?? 0) - from))
        : strided(context, x, start, limit, strides),
    pad: (x, padding) => pad(context, x, padding),
    concatenate: (operands, axis) =>
      context.run(
        'ConcatV2',
        [context.int('N', operands.length), context.type('T', operands[0]?.dtype ?? 'f32'), context.type('Tidx', 'i32')],
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
}

/** Indices clamped into an axis: outside it TensorFlow refuses them on a CPU and reads zeros on a GPU. */
function clamped(context: EagerContext, indices: EagerTensor, extent: number): EagerTensor {
  const type = [context.type('T', 'i32')];
  const above = context.run('Maximum', type, [indices.id, context.scalar(0)], 'i32');
  const within = context.run('Minimum', type, [above.id, context.scalar(extent - 1)], 'i32');
  context.free(above);
  return within;
}

function indexing(context: EagerContext): Pick<Kernels<EagerTensor>, 'gather' | 'scatterAdd'> {
  return {
    gather: (x, indices, { axis, batchDims }) => {
      const within = clamped(context, indices, x.shape[axis] ?? 1);
      const attributes = [
        context.int('batch_dims', batchDims),
        context.type('Tparams', x.dtype),
        context.type('Tindices', 'i32'),
        context.type('Taxis', 'i32'),
      ];
      const out = context.run('GatherV2', attributes, [x.id, within.id, context.scalar(axis)], x.dtype);
      context.free(within);
      return out;
    },
    scatterAdd: (x, indices, updates, at) => {
      if (at.axis !== 0 || at.batchDims !== 0) {
        const out = context.download(x).slice();
        const extents = gatherExtents(x.shape, indices.shape, at);
        scatterAddRows(out, context.download(updates), context.download(indices), extents);
        return context.upload(x.dtype, x.shape, out);
      }
      const within = clamped(context, indices, x.shape[0] ?? 1);
      const places = reshape(context, within, [...indices.shape, 1]);
      const attributes = [context.type('T', x.dtype), context.type('Tindices', 'i32')];
      const out = context.run('TensorScatterAdd', attributes, [x.id, places.id, updates.id], x.dtype);
      context.free(within);
      context.free(places);
      return out;
    },
  };
}

/**
 * The kernels of tfjs-node: TensorFlow's eager operations, run through its binding.
 *
 * @param context - the runtime.
 */
export function eagerKernels(context: EagerContext): Kernels<EagerTensor> {
  return {
    upload: (dtype, shape, data) => context.upload(dtype, shape, data),
    download: (x) => context.download(x),
    free: (x) => context.free(x),
    alias: (x, shape) => reshape(context, x, shape),
    ...eagerElementwise(context),
    ...folding(context),
    ...movement(context),
    ...indexing(context),
  };
}
