/** Weights carry 22 bits behind the point, so that a byte times a weight, summed, fits 32 bits. */
const precisionBits = 22;

/** For each position of the result: which pixels of the source count, and how much. */
type Taps = {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `[to, size]` fixed-point weights. */
  readonly weight: Int32Array;
  readonly size: number;
};

/** Weights of a triangle around each result pixel's centre, as wide as the reduction; none reaches outside. */
const bilinearTaps = (from: number, to: number): Taps => {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const size = Math.ceil(support) * 2 + 1;
  const taps = { first: new Int32Array(to), count: new Int32Array(to), weight: new Int32Array(to * size), size };
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
    const weights = Array.from({ length: count }, (_, k) =>
      Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * (1 / support))),
    );
    const total = weights.reduce((sum, w) => sum + w, 0);
    taps.first[i] = first;
    taps.count[i] = count;
    weights.forEach((w, k) => {
      taps.weight[i * size + k] = Math.trunc(0.5 + (w / total) * 2 ** precisionBits);
    });
  }
  return taps;
};

/** A weighted sum of bytes from `start` on, `step` apart, in fixed point as a byte, rounded half up. */
const weighted = (bytes: Uint8Array, start: number, step: number, { count, weight, size }: Taps, i: number): number => {
  let sum = 1 << (precisionBits - 1);
  const [taps, from] = [count[i] ?? 0, i * size];
  for (let k = 0; k < taps; k++) sum += (weight[from + k] ?? 0) * (bytes[start + k * step] ?? 0);
  return Math.min(255, sum >> precisionBits);
};

/**
 * Resizes the middle axis of `[outer, from, inner]`: the columns of a picture with `inner` 3, its rows with `inner` three
 * times the width.
 */
const resizeAxis = (bytes: Uint8Array, outer: number, from: number, to: number, inner: number): Uint8Array => {
  if (from === to) return bytes;
  const taps = bilinearTaps(from, to);
  const out = new Uint8Array(outer * to * inner);
  for (let place = 0; place < outer * to; place++) {
    const i = place % to;
    const start = (((place - i) / to) * from + (taps.first[i] ?? 0)) * inner;
    for (let c = 0; c < inner; c++) out[place * inner + c] = weighted(bytes, start + c, inner, taps, i);
  }
  return out;
};

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** The largest size of the same proportions inside `to`; fractions of a pixel are cut. */
export const sizeInside = ([h, w]: Size, [height, width]: Size): Size => {
  const ratio = Math.max(w / width, h / height);
  return [Math.floor(h / ratio), Math.floor(w / ratio)];
};

/**
 * A picture resized without distortion, bilinear with antialiasing, centred on black where the proportions differ: the
 * bytes that Pillow gives, width first and then height, each pass rounded to bytes.
 *
 * Given bytes `[h, w, 3]`, row-major; `sizeInside` of the sizes must be at least 1 by 1.
 *
 * @returns bytes `[height, width, 3]`; an odd row or column of padding goes to the end.
 * @law the size that a picture has already changes nothing; a picture of one colour keeps it.
 * @source openpi `openpi_client/image_tools.py` `resize_with_pad` (15a9616), Pillow's resampling
 */
export const resizeBytesWithPad = (bytes: Uint8Array, from: Size, to: Size): Uint8Array => {
  const [h, w] = from;
  const [height, width] = to;
  if (h === height && w === width) return bytes;
  const [rows, columns] = sizeInside(from, to);
  const resized = resizeAxis(resizeAxis(bytes, h, w, columns, 3), 1, h, rows, columns * 3);
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  const out = new Uint8Array(height * width * 3);
  for (let y = 0; y < rows; y++) {
    out.set(resized.subarray(y * columns * 3, (y + 1) * columns * 3), ((top + y) * width + left) * 3);
  }
  return out;
};
