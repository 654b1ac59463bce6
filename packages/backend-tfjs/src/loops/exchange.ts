import type { Elements } from './elements.js';

const tile = 16;

/** A transposition that exchanges two neighbouring groups of axes: `[count, rows, columns]` to `[count, columns, rows]`. */
export type ExchangedMatrix = {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
};

/**
 * The form of a permutation that exchanges two groups of axes at the end, or undefined.
 *
 * @param shape - the operand's.
 * @param permutation - the order wanted.
 */
export const exchangedMatrix = (
  shape: readonly number[],
  permutation: readonly number[],
): ExchangedMatrix | undefined => {
  const long = permutation.filter((axis) => shape[axis] !== 1);
  const sorted = [...long].sort((a, b) => a - b);
  let fixed = 0;
  while (fixed < long.length && long[fixed] === sorted[fixed]) fixed += 1;
  const moved = long.slice(fixed);
  const rest = sorted.slice(fixed);
  const turn = rest.indexOf(moved[0] ?? -1);
  if (turn <= 0 || moved.some((axis, i) => axis !== rest[(i + turn) % rest.length])) return undefined;
  const extent = (axes: readonly number[]): number => axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
  return {
    count: extent(sorted.slice(0, fixed)),
    rows: extent(rest.slice(0, turn)),
    columns: extent(rest.slice(turn)),
  };
};

const exchangeTile = (
  out: Elements,
  x: Elements,
  base: number,
  rows: number,
  columns: number,
  r: number,
  c: number,
): void => {
  const lastRow = Math.min(r + tile, rows);
  const lastColumn = Math.min(c + tile, columns);
  for (let column = c; column < lastColumn; column++) {
    for (let row = r; row < lastRow; row++) out[base + column * rows + row] = x[base + row * columns + column] ?? 0;
  }
};

/**
 * Exchanges the last two axes, in tiles that stay in the processor's cache.
 *
 * @param out - `[count, columns, rows]`.
 * @param x - `[count, rows, columns]`.
 * @param count - matrices.
 * @param rows - rows of each.
 * @param columns - columns of each.
 */
export const exchangeAxes = (out: Elements, x: Elements, count: number, rows: number, columns: number): void => {
  for (let i = 0; i < count; i++) {
    const base = i * rows * columns;
    for (let r = 0; r < rows; r += tile) {
      for (let c = 0; c < columns; c += tile) exchangeTile(out, x, base, rows, columns, r, c);
    }
  }
};
