import { type Algebra, type Application, sizeOf } from '@torsor/tensor';
import { type Lowering, namesOf } from './emitter.js';
import { operandOf } from './operand.js';
import { list, typeText } from './types.js';

/** Making, moving and repeating elements. */
export const movement = {
  broadcast_in_dim:
    ({ params: { dims }, results }: Application<'broadcast_in_dim'>): Lowering =>
    (to, operands) => [to.broadcast(operandOf(operands, 0), dims, operandOf(results, 0))],
  concatenate:
    ({ params: { axis }, results }: Application<'concatenate'>): Lowering =>
    (to, operands) => [
      to.call(`stablehlo.concatenate ${namesOf(operands)}, dim = ${axis}`, operands, operandOf(results, 0)),
    ],
  constant:
    ({ params: { values }, results }: Application<'constant'>): Lowering =>
    (to) => {
      const type = operandOf(results, 0);
      const [value = 0] = values;
      return [values.length === 1 && sizeOf(type.shape) > 1 ? to.filled(type, value) : to.constant(type, values)];
    },
  iota:
    ({ params: { dimension }, results }: Application<'iota'>): Lowering =>
    (to) => {
      const type = operandOf(results, 0);
      return [to.op(`stablehlo.iota dim = ${dimension}`, typeText(type), type)];
    },
  pad:
    ({ params: { low, high, interior, value }, results }: Application<'pad'>): Lowering =>
    (to, operands) => {
      const x = operandOf(operands, 0);
      const fill = to.scalar(x.type.dtype, value);
      const amounts = `low = ${list(low)}, high = ${list(high)}, interior = ${list(interior)}`;
      return [to.call(`stablehlo.pad ${x.name}, ${fill.name}, ${amounts}`, [x, fill], operandOf(results, 0))];
    },
  reshape:
    ({ results }: Application<'reshape'>): Lowering =>
    (to, operands) => [to.reshape(operandOf(operands, 0), operandOf(results, 0))],
  slice:
    ({ params: { start, limit, strides }, results }: Application<'slice'>): Lowering =>
    (to, operands) => {
      const x = operandOf(operands, 0);
      const parts = start.map((from, axis) => {
        const stride = strides[axis] ?? 1;
        return `${from}:${limit[axis] ?? 0}${stride === 1 ? '' : `:${stride}`}`;
      });
      return [to.call(`stablehlo.slice ${x.name} [${parts.join(', ')}]`, [x], operandOf(results, 0))];
    },
  transpose:
    ({ params: { permutation }, results }: Application<'transpose'>): Lowering =>
    (to, operands) => {
      const x = operandOf(operands, 0);
      return [to.call(`stablehlo.transpose ${x.name}, dims = ${list(permutation)}`, [x], operandOf(results, 0))];
    },
} as const satisfies Partial<Algebra<Lowering>>;
