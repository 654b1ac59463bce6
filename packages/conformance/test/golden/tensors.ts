import { type SafetensorsTensor, typedData } from '@torsor/checkpoint';
import { type DType, fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import { type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';

// Stored tensors as values of the language, and comparisons with the limits of the golden README.

export type Stored = ReadonlyMap<string, SafetensorsTensor>;

const dtypes: Readonly<Record<string, DType>> = { F32: 'f32', I32: 'i32', I64: 'i32', BOOL: 'bool', U8: 'i32' };

export const stored = (tensors: Stored, name: string): SafetensorsTensor => {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`the golden file has no ${name}; it has ${[...tensors.keys()].join(', ')}`);
  return tensor;
};

export const numbersOf = (tensor: SafetensorsTensor): readonly number[] => Array.from(typedData(tensor), Number);

export const valueOf = (tensor: SafetensorsTensor): TensorValue => {
  const dtype = dtypes[tensor.dtype];
  if (dtype === undefined) throw new Error(`no dtype for ${tensor.dtype}`);
  return fromFloat64(tensorType(dtype, tensor.shape), numbersOf(tensor));
};

export const valueAt = (tensors: Stored, name: string): TensorValue => valueOf(stored(tensors, name));

/** The tensors whose names pass a test, as a tree by their paths. */
export const treeOf = (tensors: Stored, keep: (name: string) => boolean): Tree<TensorValue> => {
  const entries = [...tensors].filter(([name]) => keep(name)).map(([path, leaf]) => ({ path, leaf: valueOf(leaf) }));
  const tree = unflatten(entries);
  if (E.isLeft(tree)) throw new Error(`golden paths do not make a tree: ${tree.left.path}`);
  return tree.right;
};

const largest = (values: Iterable<number>): number => {
  let max = 0;
  for (const value of values) max = Math.max(max, Math.abs(value));
  return max;
};

const worstDifference = (
  actual: ArrayLike<number>,
  expected: readonly number[],
  keep: (i: number) => boolean,
): number => largest(expected.map((value, i) => (keep(i) ? value - (actual[i] ?? Number.NaN) : 0)));

/** The largest difference against the largest expected value, where `keep` says that an element counts. */
export const expectClose = (
  name: string,
  actual: TensorValue,
  expected: SafetensorsTensor,
  limit = 1e-4,
  keep: (i: number) => boolean = () => true,
): void => {
  const wanted = numbersOf(expected);
  expect(actual.data.length, name).toBe(wanted.length);
  expect(worstDifference(actual.data, wanted, keep), name).toBeLessThanOrEqual(limit * largest(wanted));
};

/** The L2 norm of the difference against that of the expected tensor; `floor` per element is forgiven. */
export const expectGradient = (name: string, actual: TensorValue, expected: SafetensorsTensor, limit = 3e-4): void => {
  const floor = 1e-6;
  const wanted = numbersOf(expected);
  expect(actual.data.length, name).toBe(wanted.length);
  let [error, norm] = [0, 0];
  wanted.forEach((value, i) => {
    error += (value - (actual.data[i] ?? Number.NaN)) ** 2;
    norm += value ** 2;
  });
  const allowed = limit * Math.sqrt(norm) + floor * Math.sqrt(wanted.length);
  expect(Math.sqrt(error), `${name}: relative L2 of the gradient`).toBeLessThanOrEqual(allowed);
};
