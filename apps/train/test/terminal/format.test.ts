import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, shortNumber, showNumbers } from '../../src/terminal/format.js';

it.each([
  [0, '0s'],
  [59.6, '1m00s'],
  [3725, '1h02m'],
  [Number.POSITIVE_INFINITY, '-'],
])('duration %s', (seconds, text) => expect(duration(seconds)).toBe(text));

it.each([
  [0, '0.000'],
  [1234.5, '1235'],
  [1e-7, '1.00e-7'],
  [Number.NaN, 'NaN'],
])('shortNumber %s', (value, text) => expect(shortNumber(value)).toBe(text));

/** The numbers that a text stands for, as a person reads it, and how many it leaves out. */
const readBack = (text: string): { readonly numbers: readonly number[]; readonly more: number } => {
  const [rows = '', rest = '0'] = text.split(' … ');
  const numbers = rows.split(', ').flatMap((row) => {
    if (row === '') return [];
    const [first = 0, last = first] = row.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return { numbers, more: Number.parseInt(rest.replaceAll(',', ''), 10) };
};

describe('showNumbers', () => {
  const ascending = fc
    .uniqueArray(fc.nat({ max: 60 }), { maxLength: 40 })
    .map((numbers) => numbers.toSorted((a, b) => a - b));

  it('says the first numbers, and how many are left', () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 9 }), (numbers, most) => {
        const back = readBack(showNumbers(numbers, most));
        expect(back.numbers).toEqual(numbers.slice(0, back.numbers.length));
        expect(back.numbers.length + back.more).toBe(numbers.length);
      }),
    );
  });

  it.each([
    [[], ''],
    [[7], '7'],
    [[0, 1], '0, 1'],
    [[0, 1, 2, 3, 7], '0-3, 7'],
    [[1, 3, 5, 7, 9, 11], '1, 3, 5, 7, 9, 11'],
  ])('%j', (numbers, text) => expect(showNumbers(numbers)).toBe(text));

  it('8,000 numbers take one short line', () => {
    const every = Array.from({ length: 8000 }, (_, i) => i);
    expect(showNumbers(every)).toBe('0-7999');
    expect(showNumbers(every.filter((n) => n % 3 !== 1))).toMatch(/^0, 2, 3, 5, 6, .* … 5,\d{3} more$/);
    expect(showNumbers(every.map((n) => 2 * n)).length).toBeLessThan(80);
  });
});
