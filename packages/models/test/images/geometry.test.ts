import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cropAndRotate, resizeWithPad } from '../../src/index.js';
import { evaluated, real, worst } from './evaluated.js';

const extent = fc.integer({ min: 1, max: 9 });
const size = fc.tuple(extent, extent);
const unit = fc.double({ min: 0, max: 1, noNaN: true });

const pixels = (length: number, value = unit): fc.Arbitrary<number[]> =>
  fc.array(value, { minLength: length, maxLength: length });

type Pictures = {
  readonly shape: readonly [number, number, number, number];
  readonly data: readonly number[];
};

const pictures: fc.Arbitrary<Pictures> = fc
  .tuple(fc.integer({ min: 1, max: 2 }), extent, extent)
  .chain(([b, h, w]) => fc.record({ shape: fc.constant([b, h, w, 3] as const), data: pixels(b * h * w * 3) }));

const resized = ({ shape, data }: Pictures, to: readonly [number, number]): readonly number[] => {
  const out = evaluated({ x: real(shape, data) }, ({ x }) => ({ y: resizeWithPad(x, to) }));
  return out.get('y') ?? [];
};

/** Sizes that leave at least a pixel of the picture. */
const leavesAPixel = ([, h, w]: Pictures['shape'], [height, width]: readonly [number, number]): boolean => {
  const ratio = Math.max(w / width, h / height);
  return h / ratio >= 1 && w / ratio >= 1;
};

describe('resizeWithPad', () => {
  it('changes nothing at the size there is', () => {
    fc.assert(
      fc.property(pictures, (p) => {
        expect(resized(p, [p.shape[1], p.shape[2]])).toEqual(p.data);
      }),
    );
  });

  it('keeps one colour, centred on black, a larger half of the padding at the end', () => {
    fc.assert(
      fc.property(size, size, unit, ([h, w], to, colour) => {
        fc.pre(leavesAPixel([1, h, w, 3], to));
        const out = resized({ shape: [1, h, w, 3], data: new Array<number>(h * w * 3).fill(colour) }, to);
        const [height, width] = to;
        const ratio = Math.max(w / width, h / height);
        const [rows, columns] = [Math.floor(h / ratio), Math.floor(w / ratio)];
        const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
        const expected = out.map((_, i) => {
          const [y, x] = [Math.floor(i / (3 * width)), Math.floor(i / 3) % width];
          return y >= top && y < top + rows && x >= left && x < left + columns ? colour : -1;
        });
        expect(worst(out, expected)).toBeLessThanOrEqual(1e-12);
      }),
    );
  });

  it('stays within the values it mixes', () => {
    fc.assert(
      fc.property(pictures, size, (p, to) => {
        fc.pre(leavesAPixel(p.shape, to));
        const low = Math.min(...p.data);
        const inside = resized(p, to).filter((value) => value !== -1);
        expect(Math.min(...inside)).toBeGreaterThanOrEqual(low - 1e-12);
        expect(Math.max(...inside)).toBeLessThanOrEqual(Math.max(...p.data) + 1e-12);
      }),
    );
  });

  it('refuses a picture of which nothing would be left', () => {
    expect(() => resized({ shape: [1, 9, 1, 3], data: new Array<number>(27).fill(0) }, [3, 3])).toThrow(
      'nothing would be left of 9x1 in 3x3',
    );
  });
});

const moved = ({ shape, data }: Pictures, centerY: number, centerX: number, theta: number): readonly number[] => {
  const each = (value: number) => real([shape[0]], new Array<number>(shape[0]).fill(value));
  const given = { x: real(shape, data), centerY: each(centerY), centerX: each(centerX), theta: each(theta) };
  return evaluated(given, ({ x, ...inputs }) => ({ y: cropAndRotate(x, inputs) })).get('y') ?? [];
};

describe('cropAndRotate', () => {
  it('stays in [0, 1]', () => {
    const shift = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(pictures, shift, shift, shift, (p, y, x, theta) => {
        const out = moved(p, y, x, theta);
        expect(Math.min(...out)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...out)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('with no offset and no angle keeps the centre and enlarges by 1 / 0.95', () => {
    // 41 rows of which 38 are kept: a ramp of slope 1 becomes one of slope 38/41 about the same middle.
    const ramp = Array.from({ length: 41 * 3 }, (_, i) => Math.floor(i / 3) / 40);
    const out = moved({ shape: [1, 41, 1, 3], data: ramp }, 0, 0, 0);
    // Of one column none is kept, so that all of the result comes from its middle.
    const expected = Array.from({ length: 41 * 3 }, (_, i) => (20 + (38 / 41) * (Math.floor(i / 3) - 20)) / 40);
    expect(worst(out, expected)).toBeLessThanOrEqual(1e-12);
  });

  it('turning by a quarter turns the picture', () => {
    // Four quadrants of one colour each, looked at near the corners.
    const n = 20;
    const quadrant = (y: number, x: number): number => (y < n / 2 ? 0 : 2) + (x < n / 2 ? 0 : 1);
    const data = Array.from(
      { length: n * n * 3 },
      (_, i) => quadrant(Math.floor(i / (3 * n)), Math.floor(i / 3) % n) / 4,
    );
    const out = moved({ shape: [1, n, n, 3], data }, 0, 0, Math.PI / 2);
    const at = (y: number, x: number): number => (out[(y * n + x) * 3] ?? Number.NaN) * 4;
    // The source of (y, x) is (x, −y) about the middle.
    expect([at(2, 2), at(2, 17), at(17, 2), at(17, 17)].map(Math.round)).toEqual([
      quadrant(2, 17),
      quadrant(17, 17),
      quadrant(2, 2),
      quadrant(17, 2),
    ]);
  });

  it('a centre far outside shows black', () => {
    const data = new Array<number>(5 * 5 * 3).fill(1);
    expect(moved({ shape: [1, 5, 5, 3], data }, 100, 0, 0)).toEqual(new Array(75).fill(0));
  });
});
