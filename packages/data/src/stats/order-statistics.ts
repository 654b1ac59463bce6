/** How often the values of one dimension occur: all of them one after the other, a part at a time. */
export type WeightedValues = {
  readonly values: Float32Array;
  /** How often each value counts; once without it. */
  readonly weights?: Float64Array;
};

/** Goes through all values, in the same parts each time. */
export type Stream = (use: (part: WeightedValues) => void) => void;

const halves = 2 ** 16;

const view = new DataView(new ArrayBuffer(4));

/** Numbers that are ordered as the bits of a finite f32 are: negative ones have all bits turned, positive ones the first. */
const keyOf = (bits: number): number => (bits & 0x8000_0000 ? ~bits : bits | 0x8000_0000) >>> 0;

const valueOf = (key: number): number => {
  view.setUint32(0, key & 0x8000_0000 ? key & 0x7fff_ffff : ~key >>> 0);
  return view.getFloat32(0);
};

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

/** Counts of the upper halves of all keys. */
const upperCounts = (stream: Stream): Float64Array => {
  const counts = new Float64Array(halves);
  stream(({ values, weights }) => {
    const bits = bitsOf(values);
    for (let i = 0; i < bits.length; i++) {
      const upper = keyOf(bits[i] ?? 0) >>> 16;
      counts[upper] = (counts[upper] ?? 0) + (weights?.[i] ?? 1);
    }
  });
  return counts;
};

/** Counts of the lower halves of keys with a wanted upper half. */
const lowerCounts = (stream: Stream, uppers: readonly number[]): ReadonlyMap<number, Float64Array> => {
  const found = new Map(uppers.map((upper) => [upper, new Float64Array(halves)]));
  const place = new Array<Float64Array | undefined>(halves);
  for (const [upper, counts] of found) place[upper] = counts;
  stream(({ values, weights }) => {
    const bits = bitsOf(values);
    for (let i = 0; i < bits.length; i++) {
      const key = keyOf(bits[i] ?? 0);
      const counts = place[key >>> 16];
      if (counts !== undefined) counts[key & 0xffff] = (counts[key & 0xffff] ?? 0) + (weights?.[i] ?? 1);
    }
  });
  return found;
};

/** Where a rank falls: the bin, and how many counts lie before it. */
const binOf = (counts: Float64Array, rank: number): { readonly bin: number; readonly before: number } => {
  let before = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] ?? 0;
    if (rank < before + count) return { bin, before };
    before += count;
  }
  return { bin: counts.length - 1, before };
};

/**
 * The values that stand at ranks (from 0) when all values are sorted, each repeated as often as its weight says: exact, in
 * two passes, without keeping or sorting them.
 *
 * @law those of the sorted list.
 */
export const valuesAtRanks = (stream: Stream, ranks: readonly number[]): readonly number[] => {
  const counts = upperCounts(stream);
  const places = ranks.map((rank) => ({ rank, ...binOf(counts, rank) }));
  const lower = lowerCounts(stream, [...new Set(places.map(({ bin }) => bin))]);
  return places.map(({ rank, bin, before }) => {
    const inside = lower.get(bin) ?? new Float64Array(halves);
    return valueOf(((bin << 16) | binOf(inside, rank - before).bin) >>> 0);
  });
};

/**
 * Quantiles of all values, between two of them by how far the quantile lies between their ranks.
 *
 * @param count - the sum of all weights, 1 or more.
 * @source numpy 2 `quantile`, method `linear`
 */
export const quantilesOf = (stream: Stream, count: number, quantiles: readonly number[]): readonly number[] => {
  const places = quantiles.map((q) => q * (count - 1));
  const ranks = places.flatMap((place) => [Math.floor(place), Math.min(count - 1, Math.floor(place) + 1)]);
  const found = valuesAtRanks(stream, ranks);
  return places.map((place, i) => {
    const [low = 0, high = 0] = [found[2 * i], found[2 * i + 1]];
    return low + (high - low) * (place - Math.floor(place));
  });
};
