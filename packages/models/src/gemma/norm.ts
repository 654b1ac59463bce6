import { adaptiveNorm, gemmaNorm, type Normed } from '@torsor/nn';
import type { Expr } from '@torsor/tensor';
import { type Params, paramAt } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import type { ActiveExpert } from './active.js';

/** The normalization of an expert at a name: adaptive where the expert has a condition. */
export const normOf = (params: Params, name: string, { suffix, condition }: ActiveExpert, x: Expr): Normed =>
  condition === undefined
    ? gemmaNorm(x, paramAt(params, `${name}${suffix}/scale`))
    : adaptiveNorm(x, linearAt(params, `${name}${suffix}/Dense_0`), condition);
