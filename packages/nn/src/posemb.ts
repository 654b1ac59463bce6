import { concatenate, cos, type Expr, expandDims, literal, mul, range, refused, sin, withType } from '@torsor/tensor';

/**
 * Sines, then cosines, of 2π x / period for periods spaced geometrically from `minPeriod` to `maxPeriod`.
 *
 * @param x - `[b]`, such as the time of flow matching.
 * @param dim - even.
 * @returns `[b, dim]` in the dtype of `x`.
 * @errors `ShapeError` when `dim` is odd.
 * @source openpi `models/pi0.py` `posemb_sincos` (15a9616)
 */
export const posembSincos = (x: Expr, dim: number, minPeriod = 4e-3, maxPeriod = 4): Expr =>
  withType(x, (type) => {
    const half = dim / 2;
    if (!Number.isInteger(half)) return refused('posembSincos', [type], `the dimension must be even, got ${dim}`);
    const step = half > 1 ? 1 / (half - 1) : 0;
    const frequencies = range(half).map((i) => (2 * Math.PI) / (minPeriod * (maxPeriod / minPeriod) ** (i * step)));
    const phase = mul(expandDims(x, -1), literal(frequencies, type.dtype));
    return concatenate([sin(phase), cos(phase)], -1);
  });
