import type { SafetensorsTensor } from '@torsor/checkpoint';
import { numbersOf, type Stored } from '../tensors.js';

/*
 * What two ways of rounding to bfloat16 may differ by, from openpi's own: it was run compiled, operation by operation,
 * with parameters in bfloat16 too, and in float32. The golden README allows three times the largest of their differences
 * and twice the largest of their root mean squares.
 */

const variants = ['bf16', 'bf16_op_by_op', 'bf16_params', 'f32'] as const;
export type Variant = (typeof variants)[number];

/** A difference of two arrays: its largest element and its root mean square. */
export type Difference = {
  readonly max: number;
  readonly rms: number;
};

/** How two arrays of numbers differ. */
export const differenceOf = (a: readonly number[], b: readonly number[]): Difference => {
  const all = a.map((x, i) => x - (b[i] ?? Number.NaN));
  return {
    max: all.reduce((max, x) => Math.max(max, Math.abs(x)), 0),
    rms: Math.sqrt(all.reduce((sum, x) => sum + x ** 2, 0) / all.length),
  };
};

const pairs: readonly (readonly [Variant, Variant])[] = [
  ['bf16', 'f32'],
  ['bf16_op_by_op', 'f32'],
  ['bf16', 'bf16_op_by_op'],
  ['bf16_params', 'f32'],
];

const recorded = (outputs: Stored, variant: Variant, name: string): SafetensorsTensor | undefined =>
  outputs.get(`${variant}/${name}`);

/**
 * How far an array may be from openpi's in bfloat16; `undefined` where openpi recorded it in one way only.
 *
 * @param keep - says which elements count.
 */
export const roundingOf = (
  outputs: Stored,
  name: string,
  keep: (i: number) => boolean = () => true,
): Difference | undefined => {
  const found = pairs.flatMap(([a, b]) => {
    const [x, y] = [recorded(outputs, a, name), recorded(outputs, b, name)];
    const kept = (of: SafetensorsTensor): readonly number[] => numbersOf(of).filter((_, i) => keep(i));
    return x === undefined || y === undefined ? [] : [differenceOf(kept(x), kept(y))];
  });
  if (found.length === 0) return undefined;
  return { max: 3 * Math.max(...found.map(({ max }) => max)), rms: 2 * Math.max(...found.map(({ rms }) => rms)) };
};

/** Whether a number is one of bfloat16: the lower half of its float32 is zero. */
export const isNarrowNumber = (x: number): boolean =>
  (new Uint32Array(Float32Array.of(x).buffer)[0] ?? 1) % 65_536 === 0;
