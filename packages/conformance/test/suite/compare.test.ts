import { describe, expect, it } from 'vitest';
import { compare } from '../../src/suite/compare.js';
import { composite, elementwise, epsilons, exact, sumOf, toleranceOf } from '../../src/suite/tolerance.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const bit = toleranceOf(exact, 'f32');
const near = toleranceOf(elementwise, 'f32');

describe('compare', () => {
  it.each([
    ['NaN and NaN', nan, nan, true],
    ['NaN and 0', nan, 0, false],
    ['0 and NaN', 0, nan, false],
    ['∞ and ∞', inf, inf, true],
    ['∞ and −∞', inf, -inf, false],
    ['∞ and the largest number', inf, 3.4e38, false],
    ['the largest number and ∞', 3.4e38, inf, false],
    ['0 and −0', 0, -0, false],
    ['−0 and 0', -0, 0, false],
    ['1 and 1', 1, 1, true],
    ['1 and the next number', 1, 1 + epsilons.f32, false],
  ])('bit for bit: %s', (_, expected, actual, same) => {
    expect(compare([expected], [actual], bit).wrong === undefined).toBe(same);
  });

  it('allows one unit of the last place of the largest number to an elementwise result', () => {
    expect(compare([2, 1], [2 + 2 * epsilons.f32, 1], near).wrong).toBeUndefined();
    expect(compare([2, 1], [2 + 3 * epsilons.f32, 1], near).wrong).toMatchObject({ index: 0 });
    expect(compare([0, 1], [-0, 1], near).wrong).toMatchObject({ index: 0 });
  });

  it('does not count an infinity as the largest number', () => {
    expect(compare([inf, 1], [inf, 2], near).wrong).toMatchObject({ index: 1 });
  });

  it('finds a missing element', () => {
    expect(compare([1, 2], [1], near).wrong).toMatchObject({ index: 1 });
  });

  it('says the largest error relative to the largest number', () => {
    expect(compare([4, 1], [4, 3], near).relative).toBe(0.5);
  });
});

describe('tolerances', () => {
  it('are zero for integers and bools, whatever is computed', () => {
    for (const computation of [exact, elementwise, composite, sumOf(1000)]) {
      for (const dtype of ['i32', 'u32', 'bool'] as const) {
        expect(toleranceOf(computation, dtype)).toMatchObject({ relative: 0, floor: 0 });
      }
    }
  });

  it('grow with the length of a sum', () => {
    expect(toleranceOf(sumOf(10000), 'f32').relative).toBeGreaterThan(toleranceOf(sumOf(4), 'f32').relative);
  });
});
