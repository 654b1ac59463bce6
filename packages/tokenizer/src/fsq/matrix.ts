/** Rows of numbers in row-major order. */
export type Matrix = {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
};

const made = (rows: number, columns: number, value: (row: number, column: number) => number): Matrix => {
  const data = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) data[r * columns + c] = value(r, c);
  return { rows, columns, data };
};

const at = ({ data, columns }: Matrix, row: number, column: number): number => data[row * columns + column] ?? 0;

/** `x · w + b`, where `b` is one row. */
export const affine = (x: Matrix, w: Matrix, b: Matrix): Matrix =>
  made(x.rows, w.columns, (r, c) => {
    let sum = b.data[c] ?? 0;
    for (let i = 0; i < x.columns; i += 1) sum += at(x, r, i) * at(w, i, c);
    return sum;
  });

/** `x + y`, element by element. */
export const add = (x: Matrix, y: Matrix): Matrix => made(x.rows, x.columns, (r, c) => at(x, r, c) + at(y, r, c));

/** `f` of every element. */
export const mapElements = (x: Matrix, f: (value: number) => number): Matrix =>
  made(x.rows, x.columns, (r, c) => f(at(x, r, c)));

/** The first half of the columns times the GELU (its tanh form) of the second. */
export const gatedGelu = (x: Matrix): Matrix => {
  const half = x.columns / 2;
  return made(x.rows, half, (r, c) => {
    const gate = at(x, r, half + c);
    const gelu = 0.5 * gate * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (gate + 0.044715 * gate ** 3)));
    return at(x, r, c) * gelu;
  });
};

/** Each row normalized to mean 0 and variance 1 (epsilon 1e-6), times `scale`, plus `bias`. */
export const layerNorm = (x: Matrix, scale: Matrix, bias: Matrix): Matrix => {
  const moments = Array.from({ length: x.rows }, (_, r) => {
    const row = Array.from({ length: x.columns }, (_column, c) => at(x, r, c));
    const mean = row.reduce((sum, v) => sum + v, 0) / x.columns;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.columns;
    return [mean, 1 / Math.sqrt(variance + 1e-6)] as const;
  });
  return made(x.rows, x.columns, (r, c) => {
    const [mean, inverse] = moments[r] ?? [0, 0];
    return (at(x, r, c) - mean) * inverse * (scale.data[c] ?? 0) + (bias.data[c] ?? 0);
  });
};

/** Softmax attention of `h` heads, whose columns lie side by side: scores over √(head width), no mask. */
export const attend = (q: Matrix, k: Matrix, v: Matrix, h: number): Matrix => {
  const width = q.columns / h;
  const weights = Array.from({ length: h }, (_, head) => {
    const scores = made(q.rows, k.rows, (r, s) => {
      let sum = 0;
      for (let i = head * width; i < (head + 1) * width; i += 1) sum += at(q, r, i) * at(k, s, i);
      return sum / Math.sqrt(width);
    });
    return softmax(scores);
  });
  return made(q.rows, v.columns, (r, c) => {
    const of = weights[Math.floor(c / width)];
    let sum = 0;
    for (let s = 0; of !== undefined && s < v.rows; s += 1) sum += at(of, r, s) * at(v, s, c);
    return sum;
  });
};

const softmax = (x: Matrix): Matrix => {
  const rows = Array.from({ length: x.rows }, (_, r) => {
    const row = Array.from({ length: x.columns }, (_column, c) => at(x, r, c));
    const most = Math.max(...row);
    return { most, sum: row.reduce((sum, v) => sum + Math.exp(v - most), 0) };
  });
  return made(x.rows, x.columns, (r, c) => Math.exp(at(x, r, c) - (rows[r]?.most ?? 0)) / (rows[r]?.sum ?? 1));
};
