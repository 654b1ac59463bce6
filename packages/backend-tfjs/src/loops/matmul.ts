import type { Elements } from './elements.js';

/** Extents of `[b, m, k] · [b, k, n]`. */
export type Product = {
  readonly b: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
};

/**
 * `out[b] += x[b] · y[b]` for row-major matrices; `out` begins as zeros. The inner loop runs along rows of `y`.
 *
 * @param out - `[b, m, n]`, zeros.
 * @param x - `[b, m, k]`.
 * @param y - `[b, k, n]`.
 * @param product - the extents.
 */
export const multiply = (out: Elements, x: Elements, y: Elements, { b, m, k, n }: Product): void => {
  const integer = out instanceof Int32Array;
  for (let row = 0; row < b * m; row++) {
    const block = Math.floor(row / m) * k * n;
    for (let c = 0; c < k; c++) {
      const factor = x[row * k + c] ?? 0;
      if (integer) addIntegerMultiple(out, row * n, y, block + c * n, factor, n);
      else addMultiple(out, row * n, y, block + c * n, factor, n);
    }
  }
};

const addMultiple = (out: Elements, o: number, y: Elements, at: number, factor: number, n: number): void => {
  for (let j = 0; j < n; j++) out[o + j] = (out[o + j] ?? 0) + factor * (y[at + j] ?? 0);
};

const addIntegerMultiple = (out: Elements, o: number, y: Elements, at: number, factor: number, n: number): void => {
  for (let j = 0; j < n; j++) out[o + j] = (out[o + j] ?? 0) + Math.imul(factor, y[at + j] ?? 0);
};
