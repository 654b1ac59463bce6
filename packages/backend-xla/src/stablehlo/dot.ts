import { type Algebra, type Application, type DType, isFloat, TensorType } from '@torsor/tensor';
import type { Emitter, Lowering } from './emitter.js';
import { operandOf } from './operand.js';
import { list } from './types.js';
import type { Value } from './value.js';

/** The dtype that sums are kept in: f32 for the 16-bit floats. */
export const accumulator = (dtype: DType): DType => (dtype === 'bf16' || dtype === 'f16' ? 'f32' : dtype);

/** The dtype that products are summed in, which is no narrower than the operands' and the result's. */
const summedIn = (operand: DType, result: DType): DType =>
  operand === 'f64' && isFloat(result) ? 'f64' : accumulator(result);

/** XLA multiplies 16-bit floats into f32 itself; any other difference is converted before. */
const factor = (to: Emitter, value: Value, sums: DType): Value =>
  sums === 'f32' && accumulator(value.type.dtype) === 'f32' ? value : to.convert(value, sums);

/** Products. */
export const products = {
  dot_general:
    ({ params: { contract, batch, dtype }, results }: Application<'dot_general'>): Lowering =>
    (to, operands) => {
      const result = operandOf(results, 0);
      const sums = summedIn(operandOf(operands, 0).type.dtype, dtype);
      const factors = [factor(to, operandOf(operands, 0), sums), factor(to, operandOf(operands, 1), sums)];
      const precision = to.precision.toUpperCase();
      const text = [
        `stablehlo.dot_general ${operandOf(factors, 0).name}`,
        operandOf(factors, 1).name,
        ...(batch[0].length === 0 ? [] : [`batching_dims = ${list(batch[0])} x ${list(batch[1])}`]),
        `contracting_dims = ${list(contract[0])} x ${list(contract[1])}`,
        `precision = [${precision}, ${precision}]`,
      ].join(', ');
      return [to.convert(to.call(text, factors, new TensorType(sums, result.shape)), dtype)];
    },
} as const satisfies Partial<Algebra<Lowering>>;
