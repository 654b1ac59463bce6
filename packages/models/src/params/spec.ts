import type { TensorType } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';

/**
 * How a parameter begins: `Zeros`; `Normal` with mean 0; or `LecunNormal`, a normal of variance 1 / fanIn before it is
 * cut off at two of its standard deviations, widened so that the variance is 1 / fanIn after the cut.
 */
export type Initializer =
  | { readonly _tag: 'Zeros' }
  | { readonly _tag: 'Normal'; readonly std: number }
  | { readonly _tag: 'LecunNormal'; readonly fanIn: number };

/** A parameter before it has a value: its type and how it begins. A class, so that it is a leaf of a tree. */
export class ParamSpec {
  readonly type: TensorType;
  readonly initializer: Initializer;

  constructor(type: TensorType, initializer: Initializer) {
    this.type = type;
    this.initializer = initializer;
  }
}

/** The parameters of a model by their paths. */
export type ParamSpecs = Tree<ParamSpec>;

/** Begins as zeros: biases, and scales that are used as 1 + scale. */
export const zeros: Initializer = { _tag: 'Zeros' };

/** Begins normally distributed with mean 0. */
export const normalInit = (std: number): Initializer => ({ _tag: 'Normal', std });

/** Begins with variance 1 / fanIn. */
export const lecunNormal = (fanIn: number): Initializer => ({ _tag: 'LecunNormal', fanIn });

/** The types of specified parameters: what a checkpoint is compared with. */
export const typesOf = (specs: ParamSpecs): Tree<TensorType> => map(specs, ({ type }) => type);
