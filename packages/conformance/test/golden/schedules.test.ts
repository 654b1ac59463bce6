import { describe, expect, it } from 'vitest';
import { describeGolden } from './describe-golden.js';
import { numbers, object, objects, text } from './json.js';
import { jaxScheduleLimit, scheduleOf } from './models/schedule.js';

describeGolden('schedules', ['optim/optim.json'], (golden) => {
  const file = object(golden.json('optim/optim.json'));
  const steps = numbers(file['steps']);

  describe.each(objects(file['schedules']).map((c) => [text(c['name']), c] as const))('%s', (_, expected) => {
    const config = object(expected['config']);
    const schedule = scheduleOf(text(expected['kind']), config);

    it('is JAX float32 within 4 half-units of the peak', () => {
      const limit = jaxScheduleLimit(config);
      numbers(expected['jax']).forEach((value, i) => {
        expect(Math.abs(schedule(steps[i] ?? 0) - value)).toBeLessThanOrEqual(limit);
      });
    });

    if (expected['torch'] === undefined) return; // the PyTorch trainer has the cosine schedule only
    it('is the float64 of the PyTorch trainer within 1e-12 relative', () => {
      numbers(expected['torch']).forEach((value, i) => {
        expect(Math.abs(schedule(steps[i] ?? 0) - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
      });
    });
  });
});
