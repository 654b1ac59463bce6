import {
  type DimensionStats,
  type FeatureStats,
  joinDimensions,
  quantileNames,
  quantiles,
  quantilesFrom,
  rankOf,
} from './feature-stats.js';

/**
 * A builder of exact statistics of vectors that are too many to hold: they are given `passes` times over, in any parts and any
 * order. Mutable: it counts.
 */
export type ExactStats = {
  readonly passes: number;
  /** Adds vectors `[n, dim]` row-major to the pass that goes on. */
  readonly add: (values: ArrayLike<number>) => void;
  readonly endPass: () => void;
  /** After the last pass; at least one vector is needed. */
  readonly statistics: () => FeatureStats;
};

/** Values of one digit: 16 bits of a key. */
const digits = 2 ** 16;

/** Keys whose order as unsigned whole numbers is that of the numbers: the sign bit flipped, or all bits of a negative one. */
type Keys = {
  /** Digits of 16 bits. */
  readonly length: number;
  readonly set: (value: number) => void;
  /** A digit of the value that was set, the highest first. */
  readonly digit: (i: number) => number;
  /** The number of a key. */
  readonly numberOf: (key: readonly number[]) => number;
};

const keysOf = (bits: 32 | 64): Keys => {
  const length = bits / 16;
  const view = new DataView(new ArrayBuffer(8));
  const put = (value: number): void => (bits === 32 ? view.setFloat32(0, value) : view.setFloat64(0, value));
  let flip = 0;
  return {
    length,
    set: (value) => {
      put(value);
      flip = (view.getUint16(0) & 0x8000) === 0 ? 0 : 0xffff;
    },
    digit: (i) => view.getUint16(i * 2) ^ (i === 0 ? flip | 0x8000 : flip),
    numberOf: (key) => {
      const isNegative = ((key[0] ?? 0) & 0x8000) === 0;
      key.forEach((digit, i) => {
        view.setUint16(i * 2, digit ^ (isNegative ? 0xffff : i === 0 ? 0x8000 : 0));
      });
      return bits === 32 ? view.getFloat32(0) : view.getFloat64(0);
    },
  };
};

/** Keys that begin alike, counted by their next digit, and which ranks of them are looked for. */
type Group = {
  readonly prefix: readonly number[];
  readonly counts: Uint32Array;
  readonly ranks: ReadonlyMap<number, number>;
};

type Dimension = { sum: number; squares: number; min: number; max: number; groups: Group[] };

const wantedRanks = (count: number): readonly number[] => [
  ...new Set(
    quantileNames.flatMap((name) => {
      const { low } = rankOf(quantiles[name], count);
      return [low, Math.min(low + 1, count - 1)];
    }),
  ),
];

/** The groups of the next digit: one for each digit at which a wanted rank lies, with ranks counted from its first key. */
const split = ({ prefix, counts, ranks }: Group, isCounted: boolean): readonly Group[] => {
  const next = new Map<number, Map<number, number>>();
  const ascending = [...ranks].toSorted(([, a], [, b]) => a - b);
  let before = 0;
  let digit = 0;
  for (const [rank, within] of ascending) {
    while (digit < digits - 1 && before + (counts[digit] ?? 0) <= within) before += counts[digit++] ?? 0;
    next.set(digit, (next.get(digit) ?? new Map<number, number>()).set(rank, within - before));
  }
  return [...next].map(([found, inside]) => ({
    prefix: [...prefix, found],
    counts: new Uint32Array(isCounted ? digits : 0),
    ranks: inside,
  }));
};

const countFrom = (keys: Keys, groups: readonly Group[], pass: number): void => {
  for (const { prefix, counts } of groups) {
    let isInside = true;
    for (let i = 0; i < pass && isInside; i++) isInside = prefix[i] === keys.digit(i);
    if (!isInside) continue;
    const digit = keys.digit(pass);
    counts[digit] = (counts[digit] ?? 0) + 1;
    return;
  }
};

const addFirst = (dimension: Dimension, value: number): void => {
  dimension.sum += value;
  if (value < dimension.min) dimension.min = value;
  if (value > dimension.max) dimension.max = value;
};

const summarize = (keys: Keys, count: number, dimension: Dimension): DimensionStats => {
  const at = new Map(
    dimension.groups.flatMap(({ prefix, ranks }) => [...ranks.keys()].map((rank) => [rank, keys.numberOf(prefix)])),
  );
  const { min, max, sum, squares } = dimension;
  return {
    min,
    max,
    mean: sum / count,
    std: Math.sqrt(squares / count),
    ...quantilesFrom(count, (rank) => at.get(rank) ?? Number.NaN),
  };
};

/**
 * Exact statistics in bounded memory. Every number is a key of 16-bit digits in the order of the numbers; each pass counts one
 * digit of those keys that a wanted rank can still be among, so that after the last one the values at these ranks are known.
 *
 * @param bits - 32 for numbers that f32 holds, which take 2 passes; 64 for others, which take 4.
 * @law equal to `statsOfRows` of all vectors at once, sums up to rounding, whatever the parts and their order.
 */
export const exactStats = (dim: number, bits: 32 | 64): ExactStats => {
  const keys = keysOf(bits);
  const dimensions = Array.from(
    { length: dim },
    (): Dimension => ({
      sum: 0,
      squares: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      groups: [{ prefix: [], counts: new Uint32Array(digits), ranks: new Map() }],
    }),
  );
  let pass = 0;
  let count = 0;
  const addTo = (dimension: Dimension, value: number): void => {
    if (pass === 0) addFirst(dimension, value);
    if (pass === 1) dimension.squares += (value - dimension.sum / count) ** 2;
    keys.set(value);
    countFrom(keys, dimension.groups, pass);
  };
  const nextGroups = ({ groups }: Dimension): Group[] => {
    const ranks = new Map(wantedRanks(count).map((rank) => [rank, rank]));
    const known = pass === 0 ? groups.map((group) => ({ ...group, ranks })) : groups;
    return known.flatMap((group) => split(group, pass + 1 < keys.length));
  };
  return {
    passes: keys.length,
    add: (values) => {
      if (pass === 0) count += values.length / dim;
      for (let i = 0; i < dim; i++) {
        const dimension = dimensions[i];
        if (dimension === undefined) continue;
        for (let at = i; at < values.length; at += dim) addTo(dimension, values[at] ?? 0);
      }
    },
    endPass: () => {
      for (const dimension of dimensions) dimension.groups = nextGroups(dimension);
      pass++;
    },
    statistics: () =>
      joinDimensions(
        count,
        dimensions.map((dimension) => summarize(keys, count, dimension)),
      ),
  };
};
