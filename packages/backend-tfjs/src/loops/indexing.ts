import { type Shape, sizeOf } from '@torsor/tensor';
import type { Indexing } from '../kernels.js';
import type { Elements } from './elements.js';

/** A gather with its axes merged: operand `[batch, middle, extent, inner]`, indices `[batch, count]`. */
export type GatherExtents = {
  readonly batch: number;
  readonly middle: number;
  readonly extent: number;
  readonly inner: number;
  readonly count: number;
};

/**
 * Merges the axes of a gather.
 *
 * @param operand - its shape.
 * @param indices - their shape.
 * @param indexing - along which axis.
 */
export const gatherExtents = (operand: Shape, indices: Shape, { axis, batchDims }: Indexing): GatherExtents => {
  return {
    batch: sizeOf(operand.slice(0, batchDims)),
    middle: sizeOf(operand.slice(batchDims, axis)),
    extent: operand[axis] ?? 1,
    inner: sizeOf(operand.slice(axis + 1)),
    count: sizeOf(indices.slice(batchDims)),
  };
};

/** Calls `visit(row of the operand, row of the result)` for every slice; indices are clamped into the axis. */
const visitRows = (
  indices: Elements,
  e: GatherExtents,
  visit: (operandRow: number, resultRow: number) => void,
): void => {
  for (let b = 0; b < e.batch; b++) {
    for (let m = 0; m < e.middle; m++) {
      const block = b * e.middle + m;
      for (let i = 0; i < e.count; i++) {
        const index = Math.min(Math.max(indices[b * e.count + i] ?? 0, 0), e.extent - 1);
        visit(block * e.extent + index, block * e.count + i);
      }
    }
  }
};

/**
 * Slices of `x` chosen by indices.
 *
 * @param out - receives them.
 * @param x - operand.
 * @param indices - which.
 * @param extents - see {@link gatherExtents}.
 */
export const gatherRows = (out: Elements, x: Elements, indices: Elements, extents: GatherExtents): void => {
  const { inner } = extents;
  visitRows(indices, extents, (from, to) => {
    if (inner === 1) out[to] = x[from] ?? 0;
    else out.set(x.subarray(from * inner, (from + 1) * inner), to * inner);
  });
};

/**
 * Adds slices of `updates` into `out`.
 *
 * @param out - a copy of the operand.
 * @param updates - what is added.
 * @param indices - where.
 * @param extents - see {@link gatherExtents}.
 */
export const scatterAddRows = (out: Elements, updates: Elements, indices: Elements, extents: GatherExtents): void => {
  const { inner } = extents;
  visitRows(indices, extents, (to, from) => {
    for (let k = 0; k < inner; k++) {
      const at = to * inner + k;
      out[at] = (out[at] ?? 0) + (updates[from * inner + k] ?? 0);
    }
  });
};
