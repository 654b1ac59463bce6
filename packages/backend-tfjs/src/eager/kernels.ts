import type { Kernels } from '../kernels.js';
import { gatherExtents, scatterAddRows } from '../loops/indexing.js';
import { type EagerContext, type EagerTensor, reshape } from './context.js';
import { eagerElementwise } from './elementwise.js';
import { eagerMovement, eagerStacking } from './movement.js';

const reductions = { reduce_max: 'Max', reduce_min: 'Min', reduce_sum: 'Sum' } as const;

const folding = (context: EagerContext): Pick<Kernels<EagerTensor>, 'reduce' | 'argmax' | 'cumsum' | 'matmul'> => {
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
};

/** Indices clamped into an axis: outside it TensorFlow refuses them on a CPU and reads zeros on a GPU. */
const clamped = (context: EagerContext, indices: EagerTensor, extent: number): EagerTensor => {
  const type = [context.type('T', 'i32')];
  const above = context.run('Maximum', type, [indices.id, context.scalar(0)], 'i32');
  const within = context.run('Minimum', type, [above.id, context.scalar(extent - 1)], 'i32');
  context.free(above);
  return within;
};

const indexing = (context: EagerContext): Pick<Kernels<EagerTensor>, 'gather' | 'scatterAdd'> => {
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
      // TensorFlow wants at least one axis of indices; a scalar one becomes the only one of its axis.
      const shape = indices.shape.length === 0 ? [1] : indices.shape;
      const within = clamped(context, indices, x.shape[0] ?? 1);
      const places = reshape(context, within, [...shape, 1]);
      const added = reshape(context, updates, [...shape, ...x.shape.slice(1)]);
      const attributes = [context.type('T', x.dtype), context.type('Tindices', 'i32')];
      const out = context.run('TensorScatterAdd', attributes, [x.id, places.id, added.id], x.dtype);
      for (const temporary of [within, places, added]) context.free(temporary);
      return out;
    },
  };
};

/** The kernels of tfjs-node: TensorFlow's eager operations, run through its binding. */
export const eagerKernels = (context: EagerContext): Kernels<EagerTensor> => {
  return {
    upload: (dtype, shape, data) => context.upload(dtype, shape, data),
    download: (x) => context.download(x),
    free: (x) => context.free(x),
    alias: (x, shape) => reshape(context, x, shape),
    ...eagerElementwise(context),
    ...folding(context),
    ...eagerMovement(context),
    ...eagerStacking(context),
    ...indexing(context),
  };
};
