import { type Application, TensorType } from '@torsor/tensor';
import { deviceDType, type ReduceName } from '../kernels.js';
import { given } from '../plan/builder.js';
import type { KernelCall } from '../plan/plan.js';
import { firstStored, firstType, type Lower, onFull } from './rule.js';

/** A reduction. Along an axis where the operand repeats, a maximum is the element and a sum a multiple of it. */
export const reduce = ({ name, params, results }: Application<ReduceName>): Lower => {
  const type = firstType(results);
  return (builder, operands) => {
    const x = firstStored(builder, operands);
    const repeated = params.axes.filter((axis) => x.held[axis] === 1 && x.type.shape[axis] !== 1);
    const held = x.held.filter((_, axis) => !params.axes.includes(axis));
    const { axes } = params;
    const fold: KernelCall = {
      key: `${name} ${axes.join(' ')}`,
      run: (kernels, [value]) => kernels.reduce(name, given(value), axes),
    };
    const reduced = builder.call(fold, [x], type, held);
    const times = repeated.reduce((product, axis) => product * (x.type.shape[axis] ?? 1), 1);
    if (name !== 'reduce_sum' || times === 1) return [reduced];
    const factor = builder.constant(
      new TensorType(
        type.dtype,
        held.map(() => 1),
      ),
      deviceDType(type),
      [times],
    );
    const multiply: KernelCall = { key: 'mul', run: (kernels, [a, b]) => kernels.binary('mul', given(a), given(b)) };
    return [builder.call(multiply, [reduced, factor], type, held)];
  };
};

/** The place of the largest element. */
export const argmax = (application: Application<'argmax'>): Lower => {
  const { axis } = application.params;
  return onFull(application, { key: `argmax ${axis}`, run: (kernels, [x]) => kernels.argmax(given(x), axis) });
};

/** Running sums. */
export const cumsum = (application: Application<'cumsum'>): Lower => {
  const { axis, reverse } = application.params;
  return onFull(application, {
    key: `cumsum ${axis} ${reverse}`,
    run: (kernels, [x]) => kernels.cumsum(given(x), axis, reverse),
  });
};
