import { totalmem } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceBytes, tooLarge } from '../../src/native/fit.js';

const bytes = fc.integer({ min: 0, max: 2 ** 40 });

describe('tooLarge', () => {
  it('adds up what is there at once: an output in the place of an input counts once', () => {
    const needs = fc.record({ arguments: bytes, outputs: bytes, aliased: bytes, temporary: bytes, code: bytes });
    fc.assert(
      fc.property(needs, (need) => {
        const sum = need.arguments + need.outputs - need.aliased + need.temporary;
        expect(tooLarge(need, sum)).toBeUndefined();
        expect(tooLarge(need, sum - 1)).toMatchObject({ _tag: 'TooLarge' });
      }),
    );
  });

  it('says the parts in GiB', () => {
    const need = { arguments: 3 * 2 ** 30, outputs: 3.5 * 2 ** 30, aliased: 3 * 2 ** 30, temporary: 2 ** 29, code: 0 };
    expect(tooLarge(need, 2 ** 31)).toEqual({
      _tag: 'TooLarge',
      need: 'a run needs 3 GiB for inputs, 0.5 GiB for outputs beside them and 0.5 GiB in between',
      available: '2 GiB',
    });
  });
});

describe('deviceBytes', () => {
  it('is what the device says, else a part of the host for its own devices', () => {
    expect(deviceBytes('cuda', 5, 2)).toBe(5);
    expect(deviceBytes('cuda', undefined, 2)).toBeUndefined();
    const whole = deviceBytes('cpu', undefined, 1) ?? 0;
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThanOrEqual(totalmem());
    expect(deviceBytes('cpu', undefined, 4)).toBe(whole / 4);
  });
});
