import type { Shape, TensorType } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

/**
 * How a parameter begins: `Zeros`; `Ones`; `Normal` with mean 0; `LecunNormal`, a normal of variance 1 / fanIn before it is
 * cut off at two of its standard deviations, widened so that the variance is 1 / fanIn after the cut; or
 * `XavierUniform`, uniform inside ±√(6 / (fanIn + fanOut)).
 */
export type Initializer =
  | { readonly _tag: 'Zeros' }
  | { readonly _tag: 'Ones' }
  | { readonly _tag: 'Normal'; readonly std: number }
  | { readonly _tag: 'LecunNormal'; readonly fanIn: number }
  | { readonly _tag: 'XavierUniform'; readonly fanIn: number; readonly fanOut: number };

/** A parameter before it has a value: its type and how it begins. A class, so that it is a leaf of a tree. */
export class ParamSpec {
  readonly type: TensorType;
  readonly initializer: Initializer;

  constructor(type: TensorType, initializer: Initializer) {
    this.type = type;
    this.initializer = initializer;
  }
}

/** Specifies a parameter of a shape. */
export type Spec = (shape: Shape, initializer: Initializer) => ParamSpec;

/** The parameters of a model by their paths. */
export type ParamSpecs = Tree<ParamSpec>;

/** Begins as zeros: biases, and scales that are used as 1 + scale. */
export const zeros: Initializer = { _tag: 'Zeros' };

/** Begins as ones: scales of layer normalization, which are used as they are. */
export const ones: Initializer = { _tag: 'Ones' };

/** Begins normally distributed with mean 0. */
export const normalInit = (std: number): Initializer => ({ _tag: 'Normal', std });

/** Begins with variance 1 / fanIn. */
export const lecunNormal = (fanIn: number): Initializer => ({ _tag: 'LecunNormal', fanIn });

/** Begins with variance 2 / (fanIn + fanOut). */
export const xavierUniform = (fanIn: number, fanOut: number): Initializer => ({ _tag: 'XavierUniform', fanIn, fanOut });

/** The types of specified parameters: what a checkpoint is compared with. */
export const typesOf = (specs: ParamSpecs): Tree<TensorType> => map(specs, ({ type }) => type);
