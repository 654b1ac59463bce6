/** Bins of a histogram; openpi's number. */
const bins = 5000;

/** Counts between `bins + 1` ascending edges; the last bin includes its right edge, and what lies outside is not counted. */
export type Histogram = {
  readonly edges: Float64Array;
  readonly counts: Float64Array;
};

/** Evenly spaced edges, rounded as numpy's `linspace` rounds. */
export const makeHistogram = (low: number, high: number): Histogram => {
  const edges = new Float64Array(bins + 1);
  const step = (high - low) / bins;
  for (let i = 0; i < bins; i++) edges[i] = i * step + low;
  edges[bins] = high;
  return { edges, counts: new Float64Array(bins) };
};

/** The bin of a value, -1 outside. A guess by division, corrected against the edges, which rounding may have moved. */
const binOf = (edges: Float64Array, value: number): number => {
  const low = edges[0] ?? 0;
  const high = edges[bins] ?? 0;
  if (!(value >= low && value <= high)) return -1;
  if (high === low) return bins - 1;
  let bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
  while (bin > 0 && (edges[bin] ?? 0) > value) bin--;
  while (bin < bins - 1 && (edges[bin + 1] ?? 0) <= value) bin++;
  return bin;
};

/** Counts a value, `weight` times. */
export const addTo = (histogram: Histogram, value: number, weight: number): void => {
  const bin = binOf(histogram.edges, value);
  if (bin >= 0) histogram.counts[bin] = (histogram.counts[bin] ?? 0) + weight;
};

/** Moves counts to other bins: each bin's count goes to where its left edge falls, and is lost if that lies outside. */
export const rebin = (old: Histogram, low: number, high: number): Histogram => {
  const next = makeHistogram(low, high);
  for (let i = 0; i < bins; i++) {
    const weight = old.counts[i] ?? 0;
    if (weight > 0) addTo(next, old.edges[i] ?? 0, weight);
  }
  return next;
};

/** Left edge of the first bin where the cumulative count reaches `target`; the last edge if none does. */
export const quantileOf = ({ edges, counts }: Histogram, target: number): number => {
  let sum = 0;
  for (let i = 0; i < bins; i++) {
    sum += counts[i] ?? 0;
    if (sum >= target) return edges[i] ?? 0;
  }
  return edges[bins] ?? 0;
};
