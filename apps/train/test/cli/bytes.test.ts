import { showBytes } from '@torsor/planning';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../src/cli/bytes.js';

describe('parseBytes', () => {
  it.each([
    ['80GB', 80e9],
    ['80 gb', 80e9],
    ['79.6GiB', 79.6 * 2 ** 30],
    ['512MiB', 2 ** 29],
    ['1024', 1024],
  ])('%j is %d', (text, bytes) => {
    expect(parseBytes(text)).toEqual(E.right(bytes));
  });

  it.each(['', 'GB', '-1GB', '1e9', '0GB', '80 parsecs', 'NaN'])('refuses %j', (text) => {
    expect(parseBytes(text)).toEqual(E.left(`'${text}' is not a size; write e.g. 80GB or 79.6GiB`));
  });

  it('reads what showBytes writes, to two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e6, max: 1e12 }), (bytes) => {
        const read = parseBytes(showBytes(bytes));
        expect(Math.abs((E.isRight(read) ? read.right : 0) / bytes - 1)).toBeLessThan(0.01);
      }),
    );
  });
});
