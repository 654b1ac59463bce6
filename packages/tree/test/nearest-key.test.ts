import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestKey } from '../src/index.js';

const key = fc.stringMatching(/^[a-z]{4,9}$/);

describe('laws', () => {
  it('a candidate that is the key is found among others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1 }), fc.nat(), (keys, n) => {
        const wanted = keys[n % keys.length] ?? '';
        expect(nearestKey(wanted, keys)).toBe(wanted);
      }),
    );
  });

  it('one letter too much, too few or another is forgiven; case, _ and - are no difference', () => {
    fc.assert(
      fc.property(key, fc.nat(), fc.constantFrom('Q', '_q', 'q-'), (meant, n, letter) => {
        const at = n % meant.length;
        for (const rest of [at, at + 1]) {
          const typed = meant.slice(0, at) + letter + meant.slice(rest);
          expect(nearestKey(typed, ['0', meant])).toBe(meant);
        }
        expect(nearestKey(meant.slice(0, at) + meant.slice(at + 1), ['0', meant])).toBe(meant);
        expect(nearestKey(meant.toUpperCase().split('').join('_'), ['0', meant])).toBe(meant);
      }),
    );
  });

  it('what shares no letter is never meant', () => {
    fc.assert(
      fc.property(key, fc.array(fc.stringMatching(/^[0-9]{4,9}$/)), (typed, keys) => {
        expect(nearestKey(typed, keys)).toBeUndefined();
      }),
    );
  });
});

describe('examples', () => {
  it.each([
    ['kernal', ['bias', 'kernel', 'kernels'], 'kernel'],
    ['batch_size', ['batchSeed', 'batchSize'], 'batchSize'],
    ['lr', ['lrs', 'ls'], 'lrs'],
    ['lr', ['peak'], undefined],
    ['kernel', [], undefined],
    // A third of nine letters may differ, not four.
    ['abcdefghi', ['abcdef'], 'abcdef'],
    ['abcdefghi', ['abcde'], undefined],
  ])('%s among %j', (typed, keys, meant) => {
    expect(nearestKey(typed, keys)).toBe(meant);
  });

  it('paths by their last segment', () => {
    const last = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
    expect(nearestKey('optimiser.peak_lr', ['optimizer.kind', 'lrSchedule.peakLr'], last)).toBe('lrSchedule.peakLr');
  });
});
