import { type Algebra, type Application, isFloat, type TensorType } from '@torsor/tensor';
import { accumulator } from './dot.js';
import type { Emitter, Lowering } from './emitter.js';
import { operandOf } from './operand.js';
import { list } from './types.js';
import type { Value } from './value.js';

/** The number that changes no sum: −0 for floats, because 0 would make a −0 positive. */
const neutral = ({ dtype }: TensorType): number => (isFloat(dtype) ? -0 : 0);

/** Every element moved by `offset` along the axis; what comes in is neutral, what leaves is dropped. */
const shifted = (to: Emitter, x: Value, fill: Value, axis: number, offset: number): Value => {
  const along = (amount: number): string => list(x.type.shape.map((_, other) => (other === axis ? amount : 0)));
  const amounts = `low = ${along(offset)}, high = ${along(-offset)}, interior = ${along(0)}`;
  return to.call(`stablehlo.pad ${x.name}, ${fill.name}, ${amounts}`, [x, fill], x.type);
};

/** Running sums. */
export const runningSums = {
  /**
   * After the step of width 2ⁿ each element is the sum of the 2ⁿ⁺¹ up to it: as many steps as the extent has binary
   * digits, where a window per element would take its square. Integers are exact; floats are added in another order than
   * one after another, with a smaller error.
   */
  cumsum:
    ({ params: { axis, reverse } }: Application<'cumsum'>): Lowering =>
    (to, operands) => {
      const x = operandOf(operands, 0);
      const extent = x.type.shape[axis] ?? 0;
      if (extent <= 1) return [x];
      let sums = to.convert(x, accumulator(x.type.dtype));
      const fill = to.scalar(sums.type.dtype, neutral(sums.type));
      for (let width = 1; width < extent; width *= 2) {
        const moved = shifted(to, sums, fill, axis, reverse ? -width : width);
        sums = to.map('add', [sums, moved], sums.type);
      }
      return [to.convert(sums, x.type.dtype)];
    },
} as const satisfies Partial<Algebra<Lowering>>;
