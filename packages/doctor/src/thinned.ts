/** Rows kept at most; halved when full, so never below half of it once it was full. Even. */
const capacity = 16_384;

/** A sample of rows whose quantiles stand for those of all. */
export type Thinned = {
  /** Rows `[n, width]`, row-major. */
  readonly add: (rows: Float32Array) => void;
  /** The kept values of a dimension, ascending. */
  readonly sorted: (dim: number) => Float32Array;
};

/**
 * Every k-th row, k doubled whenever 16,384 are kept: all rows of small datasets, 8,192 or more of larger ones, whatever their size.
 * A 1 % quantile of 8,192 values has 82 beyond it, so it moves by a tenth of itself at most where one value in a thousand is an outlier.
 *
 * @law what is kept does not depend on how rows come in blocks.
 */
export const thinned = (width: number): Thinned => {
  let kept = new Float32Array(0);
  let [rows, step, next, seen] = [0, 1, 0, 0];
  const halve = (): void => {
    for (let row = 1; 2 * row < rows; row++) kept.copyWithin(row * width, 2 * row * width, (2 * row + 1) * width);
    rows = Math.ceil(rows / 2);
    step *= 2;
  };
  const grow = (): void => {
    const longer = new Float32Array(Math.max(width, Math.min(capacity * width, kept.length * 2)));
    longer.set(kept);
    kept = longer;
  };
  return {
    add: (block) => {
      const end = seen + block.length / width;
      while (next < end) {
        if (rows === capacity) halve();
        if (rows * width === kept.length) grow();
        const from = (next - seen) * width;
        const to = rows * width;
        for (let i = 0; i < width; i++) kept[to + i] = block[from + i] ?? 0;
        rows += 1;
        next += step;
      }
      seen = end;
    },
    sorted: (dim) => {
      const values = new Float32Array(rows);
      for (let row = 0; row < rows; row++) values[row] = kept[row * width + dim] ?? 0;
      return values.sort();
    },
  };
};

/** A quantile of ascending values, linear between neighbours as numpy's; NaN of none. */
export const quantile = (sorted: Float32Array, q: number): number => {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? low;
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
};
