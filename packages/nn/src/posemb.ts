import {
  concatenate,
  cos,
  type DType,
  type Expr,
  expandDims,
  literal,
  mul,
  range,
  refused,
  sin,
  withType,
} from '@torsor/tensor';

const exactly = (x: number): number => x;

/**
 * 2π / period of every frequency. A float32 phase of hundreds of radians keeps four digits of an angle, so the frequencies
 * of a float32 model are rounded where openpi rounds them, after every step: its embedding is then ours to seven digits.
 */
const frequenciesOf = (half: number, minPeriod: number, maxPeriod: number, dtype: DType): readonly number[] => {
  const round = dtype === 'f64' ? exactly : Math.fround;
  return range(half).map((i) => {
    const fraction = half > 1 ? round(i / (half - 1)) : 0;
    const period = round(round(minPeriod) * round((maxPeriod / minPeriod) ** fraction));
    return round(round(2 * round(1 / period)) * round(Math.PI));
  });
};

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
    const phase = mul(expandDims(x, -1), literal(frequenciesOf(half, minPeriod, maxPeriod, type.dtype), type.dtype));
    return concatenate([sin(phase), cos(phase)], -1);
  });

/**
 * A sine-cosine embedding of every place of a grid, row by row: sines and cosines of the column, then of the row, each
 * for `dim / 4` frequencies spaced geometrically from 1 to 1 / `temperature`.
 *
 * @param grid - rows and columns.
 * @param dim - a multiple of 4 above 4.
 * @returns `[1, rows · columns, dim]`.
 * @errors `ShapeError` when `dim` is no multiple of 4 above 4.
 * @source openpi `models/siglip.py` `posemb_sincos_2d` (15a9616)
 */
export const posembSincos2d = (
  [rows, columns]: readonly [rows: number, columns: number],
  dim: number,
  dtype: DType,
  temperature = 10_000,
): Expr => {
  const quarter = dim / 4;
  if (!Number.isInteger(quarter) || quarter < 2) {
    return refused('posembSincos2d', [], `the dimension must be a multiple of 4 above 4, got ${dim}`);
  }
  const frequencies = range(quarter).map((i) => temperature ** (-i / (quarter - 1)));
  const embedded = range(rows).flatMap((y) =>
    range(columns).flatMap((x) =>
      [x, y].flatMap((at) => [Math.sin, Math.cos].flatMap((wave) => frequencies.map((f) => wave(at * f)))),
    ),
  );
  return literal(embedded, dtype, [1, rows * columns, dim]);
};
