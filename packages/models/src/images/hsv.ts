import {
  add,
  clip,
  concatenate,
  div,
  type Expr,
  eq,
  expandDims,
  floor,
  gt,
  maximum,
  minimum,
  mul,
  sliceInDim,
  squeeze,
  sub,
  where,
} from '@torsor/tensor';

/** Colours as hue (turns), saturation and value (both in [0, 1]), each `f[b, h, w]`. */
type Hsv = {
  readonly hue: Expr;
  readonly saturation: Expr;
  readonly value: Expr;
};

const channel = (rgb: Expr, at: number): Expr => squeeze(sliceInDim(rgb, at, at + 1, -1), -1);

/** Hue, saturation and value of `rgb` `f[b, h, w, 3]` in [0, 1]; the hue of a grey is 0, and lies in (-1/6, 5/6] else. */
export const hsvOfRgb = (rgb: Expr): Hsv => {
  const [red, green, blue] = [channel(rgb, 0), channel(rgb, 1), channel(rgb, 2)];
  const value = maximum(maximum(red, green), blue);
  const range = sub(value, minimum(minimum(red, green), blue));
  const divisor = where(gt(range, 0), range, 1);
  const towards = (next: Expr, last: Expr): Expr => div(sub(next, last), divisor);
  const fromGreen = where(eq(green, value), add(towards(blue, red), 2), add(towards(red, green), 4));
  const sixths = where(eq(red, value), towards(green, blue), fromGreen);
  return {
    hue: where(gt(range, 0), div(sixths, 6), 0),
    saturation: div(range, where(gt(value, 0), value, 1)),
    value,
  };
};

/** `x` modulo 6, in [0, 6). */
const modulo6 = (x: Expr): Expr => sub(x, mul(floor(div(x, 6)), 6));

/** The colours `f[b, h, w, 3]`; any hue is taken modulo one turn. */
export const rgbOfHsv = ({ hue, saturation, value }: Hsv): Expr => {
  const depth = mul(value, saturation);
  const one = (sixths: number): Expr => {
    const place = modulo6(add(mul(hue, 6), sixths));
    return expandDims(sub(value, mul(depth, clip(minimum(place, sub(4, place)), 0, 1))), -1);
  };
  return concatenate([one(5), one(3), one(1)], -1);
};
