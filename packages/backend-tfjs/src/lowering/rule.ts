import type { TensorType } from '@torsor/tensor';
import { given, type PlanBuilder } from '../plan/builder.js';
import type { KernelCall } from '../plan/plan.js';
import { type Stored, unionHeld, type Value } from '../plan/value.js';

/** What a lowering makes of an application: given the operands' values it appends steps and says what the results are. */
export type Lower = (builder: PlanBuilder, operands: readonly Value[]) => readonly Value[];

/** The part of an application that most rules need. */
export type Typed = {
  readonly operands: readonly TensorType[];
  readonly results: readonly TensorType[];
};

/** The only, or first, type of a checked application. */
export const firstType = (types: readonly TensorType[]): TensorType => {
  return given(types[0]);
};

/** An elementwise kernel: operands stay as small as they are held, and so does the result. */
export const elementwise = ({ results }: Typed, call: KernelCall): Lower => {
  return (builder, operands) => {
    const stored = operands.map((operand) => builder.stored(operand));
    return [builder.call(call, stored, firstType(results), unionHeld(stored.map(({ held }) => held)))];
  };
};

/** A kernel of full operands with one result. */
export const onFull = ({ results }: Typed, call: KernelCall): Lower => {
  return (builder, operands) => [
    builder.call(
      call,
      operands.map((operand) => builder.full(operand)),
      firstType(results),
    ),
  ];
};

/** The stored form of the first operand. */
export const firstStored = (builder: PlanBuilder, operands: readonly Value[]): Stored => {
  return builder.stored(given(operands[0]));
};
