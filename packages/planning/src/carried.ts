import { type Layout, splitAs } from './layout.js';
import type { Traffic } from './traffic.js';

/** What an application does to the layouts of its operands. */
export type Carried = {
  readonly results: readonly Layout['axes'][];
  /** Per operand, the part of its layout that is used: what is missing is gathered first. */
  readonly kept: readonly Layout['axes'][];
  /** The mesh axes over which each device has only a part of every sum. */
  readonly partial: readonly string[];
  /** Floating-point operations on all devices. */
  readonly flops: number;
  /** What sub-programs add. */
  readonly inside: Inside;
};

/** What the sub-program of an application adds. */
export type Inside = {
  readonly flops: number;
  readonly flopsPerDevice: number;
  readonly traffic: readonly Traffic[];
  /** Bytes on each device while it runs, besides its results. */
  readonly peakBytes: number;
};

/** Nothing inside. */
const nothingInside: Inside = { flops: 0, flopsPerDevice: 0, traffic: [], peakBytes: 0 };

const axesOf = ({ axes }: Layout): Layout['axes'] => axes;

/** One result; every operand is used as it lies unless `kept` says otherwise. */
export const carried = (
  operands: readonly Layout[],
  result: Layout['axes'],
  more: Partial<Omit<Carried, 'results'>> = {},
): Carried => ({
  results: [result],
  kept: operands.map(axesOf),
  partial: [],
  flops: 0,
  inside: nothingInside,
  ...more,
});

/** An operand with some axes made whole. */
export const gathered = (layout: Layout, axes: readonly number[]): Layout['axes'] =>
  layout.axes.map((names, axis) => (axes.includes(axis) ? [] : names));

/** The results as layouts. */
export const resultLayouts = ({ results }: Carried, operands: readonly Layout[]): readonly Layout[] =>
  results.map((axes) => splitAs(axes, operands));

/** Nothing is known of an axis: whole. */
export const unsplit = (rank: number): Layout['axes'] => Array.from({ length: rank }, () => []);
