import { sizeOf } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reshaped } from '../src/reshape.js';

const shapes = fc.array(fc.constantFrom(1, 2, 4, 8), { minLength: 1, maxLength: 4 });

const names = (axes: readonly (readonly string[])[]): readonly string[] => axes.flat();

describe('reshaped', () => {
  it('to the same shape keeps everything', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const axes = shape.map((extent, i) => (extent === 1 ? [] : [`m${i}`]));
        expect(reshaped(axes, shape, shape)).toEqual({ kept: axes, result: axes });
      }),
    );
  });

  it('what it keeps of the operand is what the result has', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const axes = shape.map((_, i) => [`m${i}`]);
        const flat = [sizeOf(shape)];
        const { kept, result } = reshaped(axes, shape, flat);
        expect(names(result)).toEqual(names(kept));
        expect(names(reshaped(result, flat, shape).result)).toEqual(names(kept));
      }),
    );
  });

  it.each([
    [
      [['d'], [], []],
      [4, 8, 16],
      [4, 128],
      [['d'], []],
    ],
    [
      [[], ['t'], []],
      [4, 8, 16],
      [4, 128],
      [[], ['t']],
    ],
    [
      [[], [], ['t']],
      [4, 8, 16],
      [4, 128],
      [[], []],
    ],
    [
      [[], ['t']],
      [4, 128],
      [4, 8, 16],
      [[], ['t'], []],
    ],
    [
      [['d'], []],
      [4, 8],
      [1, 4, 8],
      [[], ['d'], []],
    ],
  ])('%j of %j as %j becomes %j', (axes, from, to, result) => {
    expect(reshaped(axes, from, to).result).toEqual(result);
  });
});
