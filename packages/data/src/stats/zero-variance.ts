import type { NormalizationMode } from '../transforms/normalize.js';
import type { NormStats, VectorStats } from './norm-stats.js';

/** A dimension whose spread is zero, so that normalization cannot scale it. A warning, not an error. */
export type ZeroVariance = {
  readonly vector: keyof NormStats;
  readonly dim: number;
  readonly name: string;
  /** The statistic that is zero: the standard deviation, or the distance between the 1st and 99th percentiles. */
  readonly spread: NormalizationMode;
};

const flatDims = (stats: VectorStats, mode: NormalizationMode): readonly number[] => {
  const { std, q01, q99 } = stats;
  const flat = mode === 'mean_std' ? std.map((s) => s === 0) : (q99 ?? []).map((high, i) => high <= (q01?.[i] ?? 0));
  return flat.flatMap((isFlat, dim) => (isFlat ? [dim] : []));
};

/**
 * The dimensions that never vary (`mean_std`), or whose middle 98 % do not (`quantile`). Training goes on with them: their
 * normalized value is 0 (`mean_std`) or -1 (`quantile`), never a division by zero, but a value that deviates later comes
 * out a million times as large.
 *
 * @param names - dimension names of state and actions, for the message.
 */
export const zeroVariance = (
  stats: NormStats,
  mode: NormalizationMode,
  names: { readonly state: readonly string[]; readonly actions: readonly string[] },
): readonly ZeroVariance[] =>
  (['state', 'actions'] as const).flatMap((vector) =>
    flatDims(stats[vector], mode).map((dim) => ({
      vector,
      dim,
      name: names[vector][dim] ?? `${vector}[${dim}]`,
      spread: mode,
    })),
  );

/** The warning as a sentence. */
export const showZeroVariance = ({ vector, dim, name, spread }: ZeroVariance): string =>
  `${vector} dimension ${dim} (${name}) ${
    spread === 'mean_std' ? 'is the same in every frame' : 'is the same in 98 % of the frames'
  }: it is trained as a constant, and a value that deviates would be normalized to something a million times as large.`;
