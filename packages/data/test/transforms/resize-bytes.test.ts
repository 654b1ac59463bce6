import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resizeBytesWithPad, type Size } from '../../src/index.js';

// Pillow's own bytes are tested in packages/conformance/test/golden/resize.test.ts; here are the laws.
const extent = fc.integer({ min: 1, max: 12 });
const size: fc.Arbitrary<Size> = fc.tuple(extent, extent);

const inside = ([h, w]: Size, [height, width]: Size): Size => {
  const ratio = Math.max(w / width, h / height);
  return [Math.floor(h / ratio), Math.floor(w / ratio)];
};

const picture = fc
  .tuple(size, size)
  .filter(([from, to]) => inside(from, to).every((n) => n >= 1))
  .chain(([from, to]) => {
    const length = from[0] * from[1] * 3;
    return fc.record({
      from: fc.constant(from),
      to: fc.constant(to),
      bytes: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

describe('resizeBytesWithPad', () => {
  it('changes nothing at the size there is', () => {
    fc.assert(
      fc.property(picture, ({ from, bytes }) => {
        expect(resizeBytesWithPad(bytes, from, from)).toEqual(bytes);
      }),
    );
  });

  it('keeps one colour, centred on black, a larger half of the padding at the end', () => {
    fc.assert(
      fc.property(picture, fc.integer({ min: 1, max: 255 }), ({ from, to, bytes }, colour) => {
        const out = resizeBytesWithPad(
          bytes.map(() => colour),
          from,
          to,
        );
        const [rows, columns] = inside(from, to);
        const [height, width] = to;
        const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
        const isInside = (y: number, x: number): boolean =>
          y >= top && y < top + rows && x >= left && x < left + columns;
        const expected = out.map((_, i) =>
          isInside(Math.floor(i / (3 * width)), Math.floor(i / 3) % width) ? colour : 0,
        );
        expect(out).toEqual(expected);
      }),
    );
  });

  it('stays within the values it mixes, but for rounding', () => {
    fc.assert(
      fc.property(picture, ({ from, to, bytes }) => {
        const out = resizeBytesWithPad(bytes, from, to);
        expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(...bytes) + 1);
      }),
    );
  });

  it('mirrors with the picture, but for rounding', () => {
    fc.assert(
      fc.property(picture, ({ from, to, bytes }) => {
        const mirror = (data: Uint8Array, w: number): Uint8Array =>
          data.map((_, i) => {
            const [pixel, c] = [Math.floor(i / 3), i % 3];
            const x = pixel % w;
            return data[(pixel - x + (w - 1 - x)) * 3 + c] ?? 0;
          });
        const [, columns] = inside(from, to);
        fc.pre((to[1] - columns) % 2 === 0);
        const there = mirror(resizeBytesWithPad(bytes, from, to), to[1]);
        const back = resizeBytesWithPad(mirror(bytes, from[1]), from, to);
        back.forEach((byte, i) => {
          expect(Math.abs(byte - (there[i] ?? Number.NaN))).toBeLessThanOrEqual(2);
        });
      }),
    );
  });
});
