import {
  add,
  cos,
  div,
  type Expr,
  expandDims,
  gt,
  lt,
  minimum,
  mul,
  refused,
  sin,
  sub,
  where,
  withType,
} from '@torsor/tensor';
import { hsvOfRgb, rgbOfHsv } from './hsv.js';

/** How colours change, drawn per sample. */
export type JitterInputs<A = Expr> = {
  /** `f32[b]`; negative darkens, positive lightens. */
  readonly brightness: A;
  /** `f32[b]`; positive steepens the curve through middle grey. */
  readonly contrast: A;
  /** `f32[b]`, turns of the colour circle. */
  readonly hue: A;
  /** `f32[b]`; negative fades colours, positive deepens them. */
  readonly saturation: A;
  /** `bool[b]`; false leaves the colours of the sample as they are. */
  readonly apply: A;
};

/**
 * Which colour jitter: `full` multiplies saturation by 1 + the amount; `openpi` draws a saturation and then ignores it, as
 * openpi does through augmax 0.4.1, whose unused formula would colour greys red.
 */
export type JitterForm = 'openpi' | 'full';

const perSample = (x: Expr): Expr => expandDims(expandDims(x, -1), -1);

/** Towards 0 for a negative amount, towards 1 for a positive one. */
const brighten = (x: Expr, amount: Expr): Expr =>
  where(lt(amount, 0), mul(x, add(amount, 1)), add(mul(x, sub(1, amount)), amount));

/** In proportion, so that a grey has no colour to deepen; at most 1. */
const deepen = (saturation: Expr, amount: Expr): Expr => minimum(mul(saturation, add(amount, 1)), 1);

/** A curve of three lines through (0, 0), (1/2, 1/2) and (1, 1), steep in the middle for a positive amount. */
const sharpen = (x: Expr, amount: Expr): Expr => {
  const angle = mul(add(amount, 1), Math.PI / 4);
  const slope = div(sin(angle), cos(angle));
  const knee = div(slope, mul(add(slope, 1), 2));
  const low = div(x, slope);
  const high = sub(add(low, 1), div(1, slope));
  const middle = add(mul(slope, sub(x, 0.5)), 0.5);
  return where(lt(x, knee), low, where(gt(x, sub(1, knee)), high, middle));
};

/**
 * Images with brightness, contrast, hue and saturation changed, in this order, where `apply` is true.
 *
 * @param images - `f[b, h, w, 3]` in [0, 1].
 * @returns `f[b, h, w, 3]` in [0, 1].
 * @errors `ShapeError` when `images` has not four axes, or an input is not `[b]`.
 * @law where `apply` is false, or all amounts are 0, colours stay; a grey stays grey.
 * @source augmax 0.4.1 `ColorJitter`
 */
export const jitterColors = (images: Expr, inputs: JitterInputs, form: JitterForm): Expr =>
  withType(images, (type) => {
    if (type.shape.length !== 4) return refused('jitterColors', [type], 'expected images [b, h, w, 3]');
    const { hue, saturation, value } = hsvOfRgb(images);
    const jittered = rgbOfHsv({
      hue: add(hue, perSample(inputs.hue)),
      saturation: form === 'full' ? deepen(saturation, perSample(inputs.saturation)) : saturation,
      value: sharpen(brighten(value, perSample(inputs.brightness)), perSample(inputs.contrast)),
    });
    return where(expandDims(perSample(inputs.apply), -1), jittered, images);
  });
