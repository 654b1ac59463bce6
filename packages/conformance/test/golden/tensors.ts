import { type SafetensorsTensor, typedData } from '@torsor/checkpoint';
import { type DType, fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import { type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';

// Stored tensors as values of the language.

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
