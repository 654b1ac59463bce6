import type { Shape } from '@torsor/tensor';
import { normalInit, type ParamSpec, type Spec, zeros } from '../params/spec.js';
import type { LoraForm } from './config.js';

/** openpi's `LoRAConfig.init_fn`. */
const factorStd = 0.01;

/**
 * The factors `a […, in, r]` and `b […, r, out]` of an adapter of weights `[…, in, out]`.
 *
 * In openpi's form both begin normally distributed; in the textbook form `b` begins at zero, so that the adapted model
 * begins as the one it adapts.
 *
 * @source openpi `models/lora.py` `Einsum.setup` (15a9616)
 */
export const factorSpecs = (
  shape: Shape,
  rank: number,
  form: LoraForm,
  spec: Spec,
): readonly [a: ParamSpec, b: ParamSpec] => {
  const leading = shape.slice(0, -2);
  const [inputs = 0, outputs = 0] = shape.slice(-2);
  const b = spec([...leading, rank, outputs], form === 'openpi' ? normalInit(factorStd) : zeros);
  return [spec([...leading, inputs, rank], normalInit(factorStd)), b];
};
