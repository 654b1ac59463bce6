/**
 * Orthonormal DCT-II as a matrix `[k, n]` in row-major order: `C[k, i] = s_k · cos(π (2i + 1) k / 2n)`, `s_0 = √(1/n)`, else `√(2/n)`.
 *
 * @law `C · Cᵀ = I` within rounding.
 * @source scipy `fft.dct(type=2, norm="ortho")`, which the published processor calls
 */
export const dctMatrix = (n: number): Float64Array => {
  const matrix = new Float64Array(n * n);
  for (let k = 0; k < n; k += 1) {
    const s = Math.sqrt((k === 0 ? 1 : 2) / n);
    // The argument is reduced modulo 4n, whole numbers, so that large angles lose nothing.
    for (let i = 0; i < n; i += 1)
      matrix[k * n + i] = s * Math.cos((Math.PI * (((2 * i + 1) * k) % (4 * n))) / (2 * n));
  }
  return matrix;
};

const product = (
  weight: (row: number, column: number) => number,
  x: ArrayLike<number>,
  [ah, ad]: readonly [number, number],
): Float64Array => {
  const y = new Float64Array(ah * ad);
  for (let row = 0; row < ah; row += 1) {
    for (let column = 0; column < ah; column += 1) {
      const w = weight(row, column);
      for (let d = 0; d < ad; d += 1) y[row * ad + d] = (y[row * ad + d] ?? 0) + w * (x[column * ad + d] ?? 0);
    }
  }
  return y;
};

/** Frequencies `[ah, ad]` of values `[ah, ad]` over time, each dimension by itself; `matrix` is `dctMatrix(ah)`. */
export const dct = (matrix: Float64Array, x: ArrayLike<number>, shape: readonly [number, number]): Float64Array =>
  product((k, i) => matrix[k * shape[0] + i] ?? 0, x, shape);

/** Values `[ah, ad]` of frequencies `[ah, ad]`: the transpose, and so the inverse, of `dct`. */
export const idct = (matrix: Float64Array, x: ArrayLike<number>, shape: readonly [number, number]): Float64Array =>
  product((i, k) => matrix[k * shape[0] + i] ?? 0, x, shape);
