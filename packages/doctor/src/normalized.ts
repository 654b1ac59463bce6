import { type NormalizationMode, normalize } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { DimensionProfile } from './profile.js';

/** The largest number that float32 has: what is beyond is told as this one, so that it stays a number in JSON. */
const largest = 3.4028234663852886e38;

/** What normalization makes of a value of a dimension. */
export const normalized = (
  { mean, std, q01, q99 }: DimensionProfile,
  mode: NormalizationMode,
  value: number,
): number => {
  const stats = { mean: [mean], std: [std], q01: [q01], q99: [q99] };
  const made = E.getOrElse((): ArrayLike<number> => [0])(normalize(stats, mode, 1)(Float64Array.of(value)));
  return Math.min(largest, Math.max(-largest, made[0] ?? 0));
};

/** The ways of normalizing that a run uses, or might. */
export const modesOf = (settings: { readonly data: { readonly normMode: NormalizationMode } } | null) =>
  settings === null ? (['quantile', 'mean_std'] as const) : ([settings.data.normMode] as const);

/** By quantiles, or by mean and deviation. */
export const shownMode: { readonly [M in NormalizationMode]: string } = {
  quantile: 'by quantiles',
  mean_std: 'by mean and deviation',
};
