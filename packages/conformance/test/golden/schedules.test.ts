import { rsqrtDecaySchedule, type Schedule, showScheduleError, warmupCosineDecaySchedule } from '@torsor/schedules';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { describeGolden } from './describeGolden.js';
import { number, numbers, object, objects, text } from './json.js';

type Config = Readonly<Record<string, unknown>>;

// openpi's field names, and its choice of the first value: peak / (warmup + 1).
const schedules: Readonly<Record<string, (config: Config) => E.Either<string, Schedule>>> = {
  CosineDecaySchedule: (config) =>
    E.mapLeft(showScheduleError)(
      warmupCosineDecaySchedule({
        initValue: number(config['peak_lr']) / (number(config['warmup_steps']) + 1),
        peakValue: number(config['peak_lr']),
        warmupSteps: number(config['warmup_steps']),
        decaySteps: number(config['decay_steps']),
        endValue: number(config['decay_lr']),
      }),
    ),
  RsqrtDecaySchedule: (config) =>
    E.mapLeft(showScheduleError)(
      rsqrtDecaySchedule({
        initValue: number(config['peak_lr']) / (number(config['warmup_steps']) + 1),
        peakValue: number(config['peak_lr']),
        warmupSteps: number(config['warmup_steps']),
        timescale: number(config['timescale']),
      }),
    ),
};

const build = (kind: string, config: Config): Schedule => {
  const made = schedules[kind]?.(config) ?? E.left(`golden schedules: unknown kind '${kind}'`);
  if (E.isLeft(made)) throw new Error(made.left);
  return made.right;
};

describeGolden('schedules', ['optim/optim.json'], (golden) => {
  const file = object(golden.json('optim/optim.json'));
  const steps = numbers(file['steps']);

  describe.each(objects(file['schedules']).map((c) => [text(c['name']), c] as const))('%s', (_, expected) => {
    const config = object(expected['config']);
    const schedule = build(text(expected['kind']), config);

    it('is JAX float32 within 4 half-units of the peak', () => {
      // JAX interpolates from the far end in float32, so its error is relative to the peak, not to the value.
      const limit = 4 * 2 ** -24 * number(config['peak_lr']);
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
