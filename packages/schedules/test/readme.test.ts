import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { showScheduleError, warmupCosineDecaySchedule } from '../src/index.js';

it('the example of the README runs', () => {
  const schedule = warmupCosineDecaySchedule({
    initValue: 0,
    peakValue: 2.5e-5,
    warmupSteps: 1000,
    decaySteps: 30_000,
    endValue: 2.5e-6,
  });
  const line = E.match(showScheduleError, (rate: (count: number) => number) => `step 500: ${rate(500)}`)(schedule);
  expect(line).toBe('step 500: 0.0000125');
});
