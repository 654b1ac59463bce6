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

/** Half of a byte's unit in fixed point: sums are rounded half up. */
const half = 1 << (precisionBits - 1);

/** Resizes the columns of `[rows, from, 3]`: three weighted sums of bytes at once. */
const resizeColumns = (bytes: Uint8Array, rows: number, from: number, to: number): Uint8Array => {
  if (from === to) return bytes;
  const { first, count, weight, size } = bilinearTaps(from, to);
  const out = new Uint8Array(rows * to * 3);
  for (let place = 0; place < rows * to; place++) {
    const x = place % to;
    const [taps, at] = [count[x] ?? 0, x * size];
    let source = (((place - x) / to) * from + (first[x] ?? 0)) * 3;
    let [red, green, blue] = [half, half, half];
    for (let k = 0; k < taps; k++, source += 3) {
      const w = weight[at + k] ?? 0;
      red = (red + Math.imul(w, bytes[source] ?? 0)) | 0;
      green = (green + Math.imul(w, bytes[source + 1] ?? 0)) | 0;
      blue = (blue + Math.imul(w, bytes[source + 2] ?? 0)) | 0;
    }
    out[place * 3] = Math.min(255, red >> precisionBits);
    out[place * 3 + 1] = Math.min(255, green >> precisionBits);
    out[place * 3 + 2] = Math.min(255, blue >> precisionBits);
  }
  return out;
};

/** Resizes the rows of `[from, inner]`. */
const resizeRows = (bytes: Uint8Array, from: number, to: number, inner: number): Uint8Array => {
  if (from === to) return bytes;
  const { first, count, weight, size } = bilinearTaps(from, to);
  const out = new Uint8Array(to * inner);
  for (let y = 0; y < to; y++) {
    const [taps, at, start] = [count[y] ?? 0, y * size, (first[y] ?? 0) * inner];
    for (let i = 0; i < inner; i++) {
      let sum = half;
      for (let k = 0; k < taps; k++) {
        sum = (sum + Math.imul(weight[at + k] ?? 0, bytes[start + k * inner + i] ?? 0)) | 0;
      }
      out[y * inner + i] = Math.min(255, sum >> precisionBits);
    }
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
  const resized = resizeRows(resizeColumns(bytes, h, w, columns), h, rows, columns * 3);
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  const out = new Uint8Array(height * width * 3);
  for (let y = 0; y < rows; y++) {
    out.set(resized.subarray(y * columns * 3, (y + 1) * columns * 3), ((top + y) * width + left) * 3);
  }
  return out;
};
