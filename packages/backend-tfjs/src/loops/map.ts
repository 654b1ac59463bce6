import type { Elements, Rows } from './elements.js';

/** Where and how a row lies. */
type Row = {
  readonly out: number;
  readonly length: number;
};

/*
 * The loops below write each element of `out` once, in order. They are the inner loops of a training step: plain indices over
 * typed arrays, one function of numbers called per element.
 */

/**
 * `out[i] = f(x[i])`.
 *
 * @param out - receives the results.
 * @param x - operand of the same length.
 * @param f - the function.
 */
export const mapOne = (out: Elements, x: Elements, f: (a: number) => number): void => {
  for (let i = 0; i < out.length; i++) out[i] = f(x[i] ?? 0);
};

const rowOfTwo = (
  out: Elements,
  { out: first, length }: Row,
  x: Elements,
  a: number,
  da: number,
  y: Elements,
  b: number,
  db: number,
  f: (a: number, b: number) => number,
): void => {
  for (let i = 0; i < length; i++) out[first + i] = f(x[a + i * da] ?? 0, y[b + i * db] ?? 0);
};

/**
 * `out = f(x, y)` over rows.
 *
 * @param out - receives the results.
 * @param x - left operand.
 * @param y - right operand.
 * @param rows - how both are walked.
 * @param f - the function.
 */
export const mapTwo = (
  out: Elements,
  x: Elements,
  y: Elements,
  rows: Rows,
  f: (a: number, b: number) => number,
): void => {
  const [startX, startY] = rows.starts;
  const [stepX = 0, stepY = 0] = rows.steps;
  for (let row = 0; row < rows.count; row++) {
    const at = { out: row * rows.length, length: rows.length };
    rowOfTwo(out, at, x, startX?.[row] ?? 0, stepX, y, startY?.[row] ?? 0, stepY, f);
  }
};

/**
 * `out = p ? x : y` over rows.
 *
 * @param out - receives the results.
 * @param p - predicate.
 * @param x - chosen where it holds.
 * @param y - chosen elsewhere.
 * @param rows - how the three are walked.
 */
export const choose = (out: Elements, p: Elements, x: Elements, y: Elements, rows: Rows): void => {
  const [startP, startX, startY] = rows.starts;
  const [stepP = 0, stepX = 0, stepY = 0] = rows.steps;
  let o = 0;
  for (let row = 0; row < rows.count; row++) {
    let [a, b, c] = [startP?.[row] ?? 0, startX?.[row] ?? 0, startY?.[row] ?? 0];
    for (let i = 0; i < rows.length; i++) {
      out[o++] = (p[a] ? x[b] : y[c]) ?? 0;
      a += stepP;
      b += stepX;
      c += stepY;
    }
  }
};

/**
 * `out = x` over rows: repeats, cuts and reorders axes, depending on the walk.
 *
 * @param out - receives the elements in row-major order.
 * @param x - operand.
 * @param rows - how it is walked.
 */
export const copyRows = (out: Elements, x: Elements, rows: Rows): void => {
  const [start] = rows.starts;
  const [step = 0] = rows.steps;
  const { length } = rows;
  for (let row = 0; row < rows.count; row++) {
    const from = start?.[row] ?? 0;
    const to = row * length;
    if (step === 1) out.set(x.subarray(from, from + length), to);
    else if (step === 0) out.fill(x[from] ?? 0, to, to + length);
    else for (let i = 0; i < length; i++) out[to + i] = x[from + i * step] ?? 0;
  }
};

/**
 * The converse of {@link copyRows}: `out`, walked over rows, receives the elements of `x` in order.
 *
 * @param out - written where the walk goes.
 * @param x - elements in row-major order.
 * @param rows - how `out` is walked.
 */
export const placeRows = (out: Elements, x: Elements, rows: Rows): void => {
  const [start] = rows.starts;
  const [step = 0] = rows.steps;
  const { length } = rows;
  for (let row = 0; row < rows.count; row++) {
    const to = start?.[row] ?? 0;
    const from = row * length;
    if (step === 1) out.set(x.subarray(from, from + length), to);
    else for (let i = 0; i < length; i++) out[to + i * step] = x[from + i] ?? 0;
  }
};
