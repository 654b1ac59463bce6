import { describe, expect, it } from 'vitest';
import { mean, metric, metricNamed, metrics, reading } from '../src/index.js';

const declared = { when: 'log', meaning: 'anything' } as const;

describe('metric', () => {
  it('is drawn in a chart of its own, for all families, and reads nothing, unless its declaration says otherwise', () => {
    expect(metric({ ...declared, name: 'noise', unit: '1' })).toEqual({
      ...declared,
      name: 'noise',
      unit: '1',
      families: null,
      from: null,
      curve: { chart: { title: 'noise', axis: 'noise' }, label: 'noise' },
    });
    expect(metric({ ...declared, name: 'force', unit: 'N' }).curve?.chart).toEqual({ title: 'force', axis: 'N' });
    const from = reading('noise', mean);
    const full = { ...declared, name: 'noise', unit: '1', families: ['pi0'], from, curve: null };
    expect(metric(full)).toEqual(full);
    expect(from.reads).toEqual(['noise']);
  });

  it('has a placeholder at the end of its name, and nowhere else', () => {
    const inside = metric({ ...declared, name: 'eval/<joint>/mae', unit: '1' });
    expect(metricNamed([inside], 'eval/<joint>/mae')).toBe(inside);
    expect(metricNamed([inside], 'eval/hip/mae')).toBeUndefined();
    expect(metricNamed([inside], 'eval/hip')).toBeUndefined();
  });
});

it('the metrics of this project are drawn in these charts', () => {
  expect(
    metrics.map(({ name, curve }) =>
      curve === null ? `${name}: –` : `${name}: ${curve.chart.title} | ${curve.chart.axis} | ${curve.label}`,
    ),
  ).toEqual([
    'loss: Loss | loss (normalized units) | training',
    'loss_real_dims: Loss | loss (normalized units) | training, real dimensions',
    'grad_norm: Gradient norm before clipping | global L2 norm | gradient norm',
    'param_norm: Parameter norm | global L2 norm | parameter norm',
    'learning_rate: Learning rate | learning rate | learning rate',
    'time_per_step: Time per step | seconds | whole step',
    'data_time: Time per step | seconds | waiting for data',
    'samples_per_second: –',
    'peak_memory_bytes: –',
    'checkpoint_step: –',
    'eval/loss: Loss | loss (normalized units) | held out',
    'eval/loss_ema: Loss | loss (normalized units) | held out, EMA',
    "eval/action_mae: Action error on held-out episodes | error (the dataset's units) | MAE",
    "eval/action_rmse: Action error on held-out episodes | error (the dataset's units) | RMSE",
    'eval/action_mae/<joint>: –',
    'eval/token_accuracy: Action tokens on held-out episodes | share | most likely token is the recorded one',
    'eval/decode_failure_rate: Action tokens on held-out episodes | share | decoded chunks that are no actions',
    'eval/tokens_per_chunk: –',
  ]);
});
