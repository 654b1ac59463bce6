import type { LinearParams } from '@torsor/nn';
import { type DType, tensorType } from '@torsor/tensor';
import { type Params, paramAt } from './at.js';
import { lecunNormal, ParamSpec, type ParamSpecs, zeros } from './spec.js';

/** An affine map as openpi begins it: kernel of variance 1 / inputs, bias zero. */
export const linearSpecs = (inputs: number, outputs: number, dtype: DType): ParamSpecs => ({
  kernel: new ParamSpec(tensorType(dtype, [inputs, outputs]), lecunNormal(inputs)),
  bias: new ParamSpec(tensorType(dtype, [outputs]), zeros),
});

/** The affine map at a path. */
export const linearAt = (params: Params, path: string): LinearParams => ({
  kernel: paramAt(params, `${path}/kernel`),
  bias: paramAt(params, `${path}/bias`),
});
