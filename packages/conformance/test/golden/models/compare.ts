import type { SafetensorsTensor } from '@torsor/checkpoint';
import { type TensorValue, toFloat64 } from '@torsor/tensor';
import { expect } from 'vitest';
import { record } from '../fidelity/record.js';
import type { FidelityKind } from '../fidelity/table.js';
import { numbersOf } from '../tensors.js';

/** The limits that the golden README suggests. */
export const limits = {
  forward: 1e-4,
  timeEmbedding: 2e-4,
  loss: 2e-5,
  gradient: 3e-4,
  gradientFloor: 1e-6,
} as const;

/** Says which elements count. */
export type Keep = (i: number) => boolean;

const everywhere: Keep = () => true;

/** How a comparison is made besides its limit. */
export type HowClose = {
  readonly kind?: FidelityKind;
  /** Relative to the largest expected number, unless `absolute`. */
  readonly limit?: number;
  readonly absolute?: boolean;
  readonly keep?: Keep;
};

/** Comparisons of a group on a backend: each is recorded, then judged. */
export type Comparisons = {
  /** The largest difference of an array, relative to its largest expected number. */
  readonly close: (name: string, actual: TensorValue, expected: SafetensorsTensor, how?: HowClose) => void;
  /** The L2 norm of the difference of a gradient relative to that of the expected one; a floor per element is forgiven. */
  readonly gradient: (name: string, actual: TensorValue, expected: SafetensorsTensor, limit?: number) => void;
  /** A number by its relative difference. */
  readonly scalar: (name: string, actual: number, expected: number, limit: number, kind?: FidelityKind) => void;
  /** Equal in every element. */
  readonly same: (name: string, actual: readonly number[], expected: readonly number[]) => void;
};

const largest = (values: readonly number[], keep: Keep): number => {
  let max = 0;
  // NaN stays NaN, and is never within a limit.
  values.forEach((value, i) => {
    if (keep(i)) max = Math.max(max, Math.abs(value));
  });
  return max;
};

const differences = (actual: TensorValue, expected: readonly number[]): readonly number[] => {
  const found = toFloat64(actual);
  return expected.map((value, i) => value - (found[i] ?? Number.NaN));
};

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

/** Comparisons of a group on a backend. */
export const comparing = (group: string, backend: string): Comparisons => {
  const judge = (name: string, kind: FidelityKind, error: number, bound: number): void => {
    record({ group, kind, array: name, backend, error, bound });
    expect(error, `${name}: error against openpi`).toBeLessThanOrEqual(bound);
  };
  return {
    close: (name, actual, expected, how = {}) => {
      const { kind = 'forward', limit = limits.forward, absolute = false, keep = everywhere } = how;
      const wanted = numbersOf(expected);
      expect(actual.data.length, `${name}: number of elements`).toBe(wanted.length);
      const scale = absolute ? 1 : largest(wanted, keep);
      const worst = largest(differences(actual, wanted), keep);
      judge(name, kind, worst === 0 ? 0 : worst / scale, limit);
    },
    gradient: (name, actual, expected, limit = limits.gradient) => {
      const wanted = numbersOf(expected);
      expect(actual.data.length, `${name}: number of elements`).toBe(wanted.length);
      const [error, size] = [norm(differences(actual, wanted)), norm(wanted)];
      const floor = limits.gradientFloor * Math.sqrt(wanted.length);
      // A gradient that is zero but for rounding has no relative error: its absolute one is judged.
      if (size <= floor) judge(name, 'gradients', error, limit * size + floor);
      else judge(name, 'gradients', error / size, limit + floor / size);
    },
    scalar: (name, actual, expected, limit, kind = 'loss') =>
      judge(name, kind, Math.abs(actual - expected) / Math.abs(expected), limit),
    same: (name, actual, expected) => {
      const different = expected.filter((value, i) => value !== actual[i]).length;
      record({ group, kind: 'exact', array: name, backend, error: different, bound: 0 });
      expect(actual, name).toEqual(expected);
    },
  };
};
