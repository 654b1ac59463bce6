import { type Application, sizeOf } from '@torsor/tensor';
import { type Carried, carried } from './carried.js';
import { type Layout, namesOf } from './layout.js';

type Axes = Layout['axes'];

/** The pairs of axes that are walked together, from the view of one operand. */
type Side = {
  readonly own: readonly number[];
  readonly other: readonly number[];
};

/** The mesh axes that split a batch: state is gathered over them wherever it meets one. */
const batchNames: readonly string[] = ['data', 'fsdp'];

/** The part of an operand's layout that does not contradict the other's, which stays as it is. */
const yielding = (moved: Axes, fixed: Axes, { own, other }: Side): Axes => {
  const used = namesOf({ axes: fixed });
  return moved.map((names, axis) => {
    const pair = own.indexOf(axis);
    const facing = pair < 0 ? [] : (fixed[other[pair] ?? -1] ?? []);
    return names.filter((name) => facing.includes(name) || !used.includes(name));
  });
};

const isState = (layout: Layout | undefined): boolean => layout?.state === true && !layout.undecided;

/** State that meets something else, without the axes that split batches. */
const met = (layout: Layout | undefined, other: Layout | undefined): Axes =>
  isState(layout) && !isState(other)
    ? (layout?.axes ?? []).map((names) => names.filter((name) => !batchNames.includes(name)))
    : (layout?.axes ?? []);

const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];

const freeAxes = (axes: Axes, used: readonly number[]): Axes => axes.filter((_, axis) => !used.includes(axis));

/** Products: state yields to what differs from sample to sample, which is how FSDP gathers parameters where they are used. */
export const dot = (
  { params: { contract, batch }, operands: types, results: [result] }: Application<'dot_general'>,
  operands: readonly Layout[],
): Carried => {
  const [first, second] = operands;
  const [left, right] = [met(first, second), met(second, first)];
  const walked = [
    [...batch[0], ...contract[0]],
    [...batch[1], ...contract[1]],
  ] as const;
  const leftYields = isState(first) && !isState(second);
  const l = leftYields ? yielding(left, right, { own: walked[0], other: walked[1] }) : left;
  const r = leftYields ? right : yielding(right, left, { own: walked[1], other: walked[0] });
  const batchAxes = batch[0].map((axis, i) => union(l[axis] ?? [], r[batch[1][i] ?? -1] ?? []));
  const partial = contract[0].flatMap((axis, i) => union(l[axis] ?? [], r[contract[1][i] ?? -1] ?? []));
  const contracted = contract[0].reduce((product, axis) => product * (types[0]?.shape[axis] ?? 1), 1);
  return carried(operands, [...batchAxes, ...freeAxes(l, walked[0]), ...freeAxes(r, walked[1])], {
    kept: [l, r],
    partial,
    flops: 2 * sizeOf(result?.shape ?? []) * contracted,
  });
};
