import { type Application, range, type Shape, sizeOf, TensorType } from '@torsor/tensor';
import { deviceDType } from '../kernels.js';
import { given } from '../plan/builder.js';
import { isFull } from '../plan/value.js';
import { firstStored, firstType, type Lower, onFull } from './rule.js';

/** Numbers known now. */
export const constant = ({ params, results }: Application<'constant'>): Lower => {
  const type = firstType(results);
  return (builder) => [builder.constant(type, deviceDType(type), params.values)];
};

/** Counting along an axis: held in one axis, repeated along the others. */
export const iota = ({ params, results }: Application<'iota'>): Lower => {
  const type = firstType(results);
  const { dimension, shape } = params;
  const extent = shape[dimension] ?? 0;
  const held = shape.map((_, axis) => (axis === dimension ? extent : 1));
  return (builder) => {
    const counted = builder.constant(new TensorType(type.dtype, held), deviceDType(type), range(extent));
    return [{ ...counted, type, held: extent === 1 ? shape.map(() => 1) : held }];
  };
};

/** Repetition along axes: nothing is computed, the value is held in extents of 1 there. */
export const broadcastInDim = ({ params, results }: Application<'broadcast_in_dim'>): Lower => {
  const type = firstType(results);
  return (builder, operands) => {
    const x = firstStored(builder, operands);
    const held = type.shape.map((_, axis) => x.held[params.dims.indexOf(axis)] ?? 1);
    return [builder.alias(x, type, held)];
  };
};

/** The same elements under another shape. */
export const reshape = ({ results }: Application<'reshape'>): Lower => {
  const type = firstType(results);
  return (builder, operands) => {
    const x = firstStored(builder, operands);
    const one = sizeOf(x.held) === 1;
    if (one)
      return [
        builder.alias(
          x,
          type,
          type.shape.map(() => 1),
        ),
      ];
    const held = isFull(x) ? type.shape : heldAfter(x.type.shape, x.held, type.shape);
    if (held !== undefined) return [builder.alias(x, type, held)];
    return [builder.alias(builder.full(x), type)];
  };
};

/** Where only axes of extent 1 come and go, repeated axes stay repeated; otherwise undefined. */
const heldAfter = (from: Shape, held: Shape, to: Shape): Shape | undefined => {
  const kept = range(from.length).filter((axis) => from[axis] !== 1);
  const wanted = range(to.length).filter((axis) => to[axis] !== 1);
  if (kept.length !== wanted.length || kept.some((axis, i) => from[axis] !== to[wanted[i] ?? 0])) return undefined;
  return to.map((_, axis) => {
    const place = wanted.indexOf(axis);
    return place < 0 ? 1 : (held[kept[place] ?? 0] ?? 1);
  });
};

/** Axes in another order: done only where something needs it. */
export const transpose = ({ params, results }: Application<'transpose'>): Lower => {
  const type = firstType(results);
  const { permutation } = params;
  return (builder, operands) => {
    const x = given(operands[0]);
    const source = x._tag === 'Transposed' ? x.source : builder.stored(x);
    const order = x._tag === 'Transposed' ? permutation.map((axis) => x.permutation[axis] ?? 0) : permutation;
    const held = order.map((axis) => source.held[axis] ?? 1);
    return [
      movesOnlyOnes(order, source.held)
        ? builder.alias(source, type, held)
        : { _tag: 'Transposed', type, permutation: order, source },
    ];
  };
};

const movesOnlyOnes = (permutation: readonly number[], held: Shape): boolean => {
  const moved = permutation.filter((axis) => held[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0));
};

/** Every `strides`-th element from `start` to `limit`; where an axis repeats there is nothing to cut. */
export const slice = ({ params, results }: Application<'slice'>): Lower => {
  const type = firstType(results);
  return (builder, operands) => {
    const x = firstStored(builder, operands);
    const repeats = (axis: number): boolean => x.held[axis] === 1 && type.shape[axis] !== 0;
    const window = {
      start: params.start.map((at, axis) => (repeats(axis) ? 0 : at)),
      limit: params.limit.map((at, axis) => (repeats(axis) ? 1 : at)),
      strides: params.strides,
    };
    const held = type.shape.map((extent, axis) => (repeats(axis) ? 1 : extent));
    if (held.every((extent, axis) => extent === x.held[axis])) return [{ ...x, type }];
    const key = `slice ${[window.start, window.limit, window.strides].map((list) => list.join(' ')).join(', ')}`;
    return [builder.call({ key, run: (kernels, [value]) => kernels.slice(given(value), window) }, [x], type, held)];
  };
};

/** One value around and between the elements. */
export const pad = (application: Application<'pad'>): Lower => {
  const { high, interior, low, value } = application.params;
  const amounts = [low, high, interior].map((list) => list.join(' '));
  const key = `pad ${amounts.join(', ')} ${Object.is(value, -0) ? '-0' : value}`;
  return onFull(application, { key, run: (kernels, [x]) => kernels.pad(given(x), application.params) });
};

/** Operands one after another. */
export const concatenate = (application: Application<'concatenate'>): Lower => {
  const { axis } = application.params;
  const [first] = application.operands;
  if (application.operands.length === 1 && first !== undefined) return (builder, [x]) => [builder.stored(given(x))];
  return onFull(application, {
    key: `concatenate ${axis}`,
    run: (kernels, operands) => kernels.concatenate(operands, axis),
  });
};
