import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/terminal/event.js';
import { reporterFor } from '../../src/terminal/reporter.js';

const progress = {
  step: 5,
  steps: 100,
  loss: 0.51234,
  learningRate: 2.5e-5,
  stepsPerSecond: 12.5,
  remainingSeconds: 187,
};

const events: readonly Event[] = [
  { _tag: 'Log', message: 'began' },
  { _tag: 'Warning', message: 'constant dimension' },
  { _tag: 'Progress', ...progress, logged: true },
  { _tag: 'Progress', ...progress, logged: false },
  { _tag: 'Metrics', line: { step: 5, loss: Number.NaN } },
  { _tag: 'Result', text: 'table', data: { mae: 1 } },
  { _tag: 'Failure', message: 'broken', code: 3 },
];

const run = (json: boolean, isTTY: boolean, env: Record<string, string> = {}) => {
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const reporter = reporterFor({ stdout, stderr, env }, json);
  for (const event of events) reporter.report(event);
  reporter.close();
  return { out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
};

describe('reporterFor', () => {
  it('--json: every event as one JSON line on standard output', () => {
    const { out, err } = run(true, true);
    expect(err).toBe('');
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { event: 'log', message: 'began' },
      { event: 'warning', message: 'constant dimension' },
      { event: 'progress', ...progress },
      { event: 'metrics', step: 5, loss: 'NaN' },
      { event: 'result', data: { mae: 1 } },
      { event: 'failure', message: 'broken', code: 3 },
    ]);
  });

  it('a pipe: plain lines, the result alone on standard output', () => {
    const { out, err } = run(false, false);
    expect(out).toBe('table\n');
    expect(err).toBe(
      'began\nwarning: constant dimension\nstep   5/100  loss 0.5123  lr 2.50e-5  12.50 steps/s  ETA 3m07s\nerror: broken\n',
    );
  });

  it('a terminal: a bar with the figures', () => {
    const { out, err } = run(false, true);
    expect(out).toBe('table\n');
    for (const part of ['began', '5/100', 'loss 0.5123', 'ETA 3m07s', 'broken', '\u001b[31m'])
      expect(err).toContain(part);
  });

  it('NO_COLOR: no colours', () => {
    expect(run(false, true, { NO_COLOR: '1' }).err).not.toContain('\u001b[31m');
  });
});
