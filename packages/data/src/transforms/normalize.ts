import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { VectorStats } from '../stats/norm-stats.js';
import { type Reals, sameKind } from './reals.js';

/** Which statistics normalization uses. openpi takes `mean_std` for π0, `quantile` for π0.5 and π0-FAST. */
export type NormalizationMode = 'mean_std' | 'quantile';

const epsilon = 1e-6;

/** `y = (x - shift) / divisor * factor + offset`, per dimension. */
type Scaling = {
  readonly shift: readonly number[];
  readonly divisor: readonly number[];
};

const scaling = (stats: VectorStats, mode: NormalizationMode): E.Either<DataError, Scaling> => {
  if (mode === 'mean_std') return E.right({ shift: stats.mean, divisor: stats.std.map((std) => std + epsilon) });
  const { q01, q99 } = stats;
  if (q01 === null || q99 === null) return E.left({ _tag: 'MissingQuantiles', what: 'this dataset' });
  return E.right({ shift: q01, divisor: q99.map((high, i) => high - (q01[i] ?? 0) + epsilon) });
};

type Formula = (x: number, shift: number, divisor: number) => number;

const forward: Readonly<Record<NormalizationMode, Formula>> = {
  mean_std: (x, shift, divisor) => (x - shift) / divisor,
  quantile: (x, shift, divisor) => ((x - shift) / divisor) * 2 - 1,
};

const backward: Readonly<Record<NormalizationMode, Formula>> = {
  mean_std: (x, shift, divisor) => x * divisor + shift,
  quantile: (x, shift, divisor) => ((x + 1) / 2) * divisor + shift,
};

const apply = (
  data: Reals,
  dim: number,
  known: number,
  scale: Scaling,
  formula: Formula,
  beyond: (x: number) => number,
): Reals => {
  const out = sameKind(data, data.length);
  for (let row = 0; row < data.length; row += dim) {
    for (let i = 0; i < dim; i++) {
      const x = data[row + i] ?? 0;
      out[row + i] = i < known ? formula(x, scale.shift[i] ?? 0, scale.divisor[i] ?? 1) : beyond(x);
    }
  }
  return out;
};

const mismatch = (expected: string, dim: number): DataError => ({
  _tag: 'ShapeMismatch',
  what: 'A vector to normalize',
  expected,
  found: `${dim} dimensions`,
});

/**
 * Normalizes rows of `dim` dimensions: `(x − mean) / (std + 1e-6)`, or `(x − q01) / (q99 − q01 + 1e-6) · 2 − 1`.
 * Rows narrower than the statistics use the first of them. A dimension that never varied is only kept from a division by
 * zero: a value that does deviate there comes out a million times as large (see `zeroVariance`).
 *
 * Given data `[…, dim]`, row-major.
 *
 * @errors `ShapeMismatch` when rows are wider than the statistics; `MissingQuantiles`.
 * @law `unnormalize` undoes it, up to rounding.
 * @source openpi `transforms.py` `Normalize` (15a9616)
 */
export const normalize =
  (stats: VectorStats, mode: NormalizationMode, dim: number) =>
  (data: Reals): E.Either<DataError, Reals> => {
    const known = stats.mean.length;
    if (dim > known) return E.left(mismatch(`at most ${known} wide, as the statistics are`, dim));
    const scale = scaling(stats, mode);
    return E.isLeft(scale) ? scale : E.right(apply(data, dim, dim, scale.right, forward[mode], Number));
  };

/**
 * Undoes `normalize`. Dimensions beyond the statistics (a model's padding) are left as they are in `quantile` mode and
 * multiplied by `1 + 1e-6` in `mean_std` mode, as openpi does.
 *
 * Given data `[…, dim]`, row-major.
 *
 * @errors `ShapeMismatch` when rows are narrower than the statistics; `MissingQuantiles`.
 * @source openpi `transforms.py` `Unnormalize` (15a9616)
 */
export const unnormalize =
  (stats: VectorStats, mode: NormalizationMode, dim: number) =>
  (data: Reals): E.Either<DataError, Reals> => {
    const known = stats.mean.length;
    if (dim < known) return E.left(mismatch(`at least ${known} wide, as the statistics are`, dim));
    const scale = scaling(stats, mode);
    if (E.isLeft(scale)) return scale;
    const beyond = mode === 'mean_std' ? (x: number) => x * (1 + epsilon) : Number;
    return E.right(apply(data, dim, known, scale.right, backward[mode], beyond));
  };
