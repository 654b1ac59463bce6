import { type Shape, sameShape, type TensorType } from '@torsor/tensor';

/** A value in a slot. `held` are the extents that lie there: each is that of the type, or 1 where the value repeats. */
export type Stored = {
  readonly _tag: 'Stored';
  readonly type: TensorType;
  readonly slot: number;
  readonly held: Shape;
};

/** A value that is another one with its axes in another order, not computed unless something needs it so. */
export type Transposed = {
  readonly _tag: 'Transposed';
  readonly type: TensorType;
  readonly permutation: readonly number[];
  readonly source: Stored;
};

/** A value whose elements along its first axis are values of their own, not joined unless something needs it so. */
export type Stacked = {
  readonly _tag: 'Stacked';
  readonly type: TensorType;
  readonly parts: readonly Value[];
};

/** What an expression became in a plan. */
export type Value = Stored | Transposed | Stacked;

/** Whether the slot holds every element of the value. */
export const isFull = (value: Stored): boolean => {
  return sameShape(value.held, value.type.shape);
};

/**
 * The extents that an elementwise kernel gives for operands held at `shapes` (of one rank).
 *
 * @param shapes - held extents of the operands.
 */
export const unionHeld = (shapes: readonly Shape[]): Shape => {
  const [first = [], ...others] = shapes;
  // an extent of 0 repeats nothing: it wins over 1 as any other does
  return first.map((extent, axis) =>
    others.reduce((found, shape) => (found === 1 ? (shape[axis] ?? 1) : found), extent),
  );
};
