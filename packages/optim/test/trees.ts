import { computeTree, ExactTensor } from '@torsor/laws';
import {
  type DType,
  type ExprTree,
  exprLeaves,
  isValid,
  type Rounding,
  showShapeError,
  sizeOf,
  type TensorType,
  tensorType,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { GradientTransformation } from '../src/index.js';

export type Tensors = Tree<ExactTensor>;

/** Parameters of several depths; `temperature` is a scalar. */
export const types: Tree<TensorType> = {
  decoder: { bias: tensorType('f32', [2]), kernel: tensorType('f32', [2, 2]) },
  temperature: tensorType('f32'),
};

const number = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);

/** Numbers for every leaf: multiples of 1/8. */
export const tensors: fc.Arbitrary<Tensors> = fc.array(number, { minLength: 7, maxLength: 7 }).map((numbers) => {
  let next = 0;
  const take = (type: TensorType): ExactTensor => {
    const size = sizeOf(type.shape);
    next += size;
    return new ExactTensor(type, Float64Array.from(numbers.slice(next - size, next)));
  };
  return map<TensorType, ExactTensor>(types, take);
});

/** All numbers in the order of their paths. */
export const numbers = (tree: Tensors): readonly number[] =>
  flatten<ExactTensor>(tree).flatMap(({ leaf }) => [...leaf.data]);

/** The numbers of one leaf. */
export const numbersAt = (tree: Tensors, path: string): readonly number[] =>
  flatten<ExactTensor>(tree).flatMap((entry) => (entry.path === path ? [...entry.leaf.data] : []));

export const norm = (tree: Tensors): number => Math.hypot(...numbers(tree));

export const mapNumbers = (tree: Tensors, f: (x: number) => number): Tensors =>
  map<ExactTensor, ExactTensor>(tree, ({ type, data }) => new ExactTensor(type, data.map(f)));

/** The same numbers in another dtype. */
export const typed = (dtype: DType, tree: Tensors): Tensors =>
  map<ExactTensor, ExactTensor>(tree, ({ type, data }) => new ExactTensor(tensorType(dtype, type.shape), data));

/** The types of parameters in a dtype. */
export const typesIn = (dtype: DType): Tree<TensorType> =>
  map<TensorType, TensorType>(types, ({ shape }) => tensorType(dtype, shape));

/** What a function of trees makes of them. */
export const computed = <K extends string>(
  inputs: { readonly [N in K]: Tensors },
  f: (inputs: { readonly [N in K]: ExprTree }) => ExprTree,
  rounding: Rounding = 'float64',
): Tensors => computeTree(inputs as Tree<ExactTensor>, f as (inputs: ExprTree) => ExprTree, rounding);

/** The updates of a transformation for gradients one after another. */
export const run = (
  transformation: GradientTransformation,
  params: Tensors,
  gradients: readonly Tensors[],
): readonly Tensors[] => {
  let state = computed({ params }, (given) => transformation.init(given.params));
  return gradients.map((updates) => {
    const next = computed({ params, state, updates }, (given) => {
      const made = transformation.update(given.updates, given.state, given.params);
      return { state: made.state, updates: made.updates };
    }) as { readonly state: Tensors; readonly updates: Tensors };
    state = next.state;
    return next.updates;
  });
};

/** The updates of the first step. */
export const firstUpdate = (transformation: GradientTransformation, params: Tensors, gradient: Tensors): Tensors =>
  run(transformation, params, [gradient])[0] ?? {};

/** The error of the first invalid leaf that a function of parameters makes. */
export const failure = (f: (params: ExprTree) => ExprTree): string => {
  let text = 'accepted';
  const zeros = map<TensorType, ExactTensor>(
    types,
    (type) => new ExactTensor(type, new Float64Array(sizeOf(type.shape))),
  );
  computeTree(zeros, (params) => {
    const invalid = exprLeaves(f(params)).find((leaf) => !isValid(leaf));
    if (invalid !== undefined && !isValid(invalid)) text = showShapeError(invalid.error);
    return {};
  });
  return text;
};

/** The error of the first update. */
export const updateFailure = (transformation: GradientTransformation): string =>
  failure((params) => transformation.update(params, transformation.init(params), params).updates);

/** Every number is close to the expected one, to as many digits after the point. */
export const expectClose = (actual: Tensors, expected: readonly number[], digits: number): void => {
  const found = numbers(actual);
  expect(found.length).toBe(expected.length);
  for (const [i, x] of found.entries()) expect(x).toBeCloseTo(expected[i] ?? Number.NaN, digits);
};
