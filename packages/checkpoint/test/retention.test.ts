import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { stepsToPrune } from '../src/index.js';

const steps = fc.uniqueArray(fc.nat(1000), { maxLength: 30 });
const policy = fc.record({ keep: fc.integer({ min: 1, max: 5 }), keepPeriod: fc.integer({ min: 1, max: 50 }) });

it('keeps the newest and the periodic steps, and has nothing to do a second time', () => {
  fc.assert(
    fc.property(steps, policy, (all, retention) => {
      const pruned = stepsToPrune(all, retention);
      if (E.isLeft(pruned)) throw new Error(pruned.left._tag);
      const kept = all.filter((step) => !pruned.right.includes(step));
      const newest = [...all].sort((a, b) => b - a).slice(0, retention.keep);
      expect(kept).toEqual(all.filter((step) => newest.includes(step) || step % retention.keepPeriod === 0));
      expect(stepsToPrune(kept, retention)).toEqual(E.right([]));
    }),
  );
});

it.each([{ keep: 0 }, { keep: 1.5 }, { keep: 1, keepPeriod: 0 }])('refuses %j', (retention) => {
  expect(stepsToPrune([1], retention)).toMatchObject(E.left({ _tag: 'BadPolicy' }));
});
