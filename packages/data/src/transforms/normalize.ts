import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';
import type { VectorStats } from '../stats/norm-stats.js';
import { type Reals, sameKind } from './reals.js';

/** Which statistics normalization uses. openpi takes `mean_std` for π0, `quantile` for π0.5 and π0-FAST. */
export type NormalizationMode = 'mean_std' | 'quantile';

const epsilon = 1e-6;

/** `y = (x − shift) / divisor · factor + offset`, per dimension. */
type Scaling = {
  readonly shift: Float64Array;
  readonly divisor: Float64Array;
  readonly factor: number;
  readonly offset: number;
};

const scaling = (stats: VectorStats, mode: NormalizationMode): E.Either<DataError, Scaling> => {
  if (mode === 'mean_std') {
    const divisor = Float64Array.from(stats.std, (std) => std + epsilon);
    // Adding -0 changes no number, not even -0.
    return E.right({ shift: Float64Array.from(stats.mean), divisor, factor: 1, offset: -0 });
  }
  const { q01, q99 } = stats;
  if (q01 === null || q99 === null) return E.left({ _tag: 'MissingQuantiles', what: 'this dataset' });
  const divisor = Float64Array.from(q99, (high, i) => high - (q01[i] ?? 0) + epsilon);
  return E.right({ shift: Float64Array.from(q01), divisor, factor: 2, offset: -1 });
};

const forward = (data: Reals, dim: number, { shift, divisor, factor, offset }: Scaling): Reals => {
  const out = sameKind(data, data.length);
  for (let row = 0; row < data.length; row += dim) {
    for (let i = 0; i < dim; i++) {
      out[row + i] = (((data[row + i] ?? 0) - (shift[i] ?? 0)) / (divisor[i] ?? 1)) * factor + offset;
    }
  }
  return out;
};

/** The first `known` dimensions; the others are multiplied. */
const backward = (
  data: Reals,
  dim: number,
  known: number,
  { shift, divisor, factor, offset }: Scaling,
  beyond: number,
): Reals => {
  const out = sameKind(data, data.length);
  for (let row = 0; row < data.length; row += dim) {
    for (let i = 0; i < known; i++) {
      out[row + i] = (((data[row + i] ?? 0) - offset) / factor) * (divisor[i] ?? 1) + (shift[i] ?? 0);
    }
    for (let i = known; i < dim; i++) out[row + i] = (data[row + i] ?? 0) * beyond;
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
    return E.map((scale: Scaling) => forward(data, dim, scale))(scaling(stats, mode));
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
    const beyond = mode === 'mean_std' ? 1 + epsilon : 1;
    return E.map((scale: Scaling) => backward(data, dim, known, scale, beyond))(scaling(stats, mode));
  };
