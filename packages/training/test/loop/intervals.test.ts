import { describe, expect, it } from 'vitest';
import { dueAfter, endingAt } from '../../src/loop/intervals.js';

const intervals = { logInterval: 2, evalInterval: 3, saveInterval: 5 };

describe('dueAfter', () => {
  it.each([
    [1, null, ''],
    [2, null, 'log'],
    [6, null, 'log evaluate'],
    [30, null, 'log evaluate save'],
    [7, 'steps', 'log evaluate save'],
    [7, 'time', 'log evaluate save'],
    [7, 'interrupted', 'save'],
    [6, 'interrupted', 'log evaluate save'],
  ] as const)('step %i, ending %s: %s', (step, ending, expected) => {
    const due = dueAfter(step, intervals, ending);
    expect(
      Object.entries(due)
        .flatMap(([name, is]) => (is ? [name] : []))
        .join(' '),
    ).toBe(expected);
  });
});

describe('endingAt', () => {
  const at = (step: number, elapsedSeconds: number, interrupted: boolean) =>
    endingAt({ step, elapsedSeconds, interrupted }, { steps: 10, maxMinutes: 2 });

  it.each([
    [9, 119, false, null],
    [9, 120, false, 'time'],
    [9, 120, true, 'interrupted'],
    [10, 0, true, 'steps'],
  ] as const)('after %i steps and %i s, interrupted %s: %s', (step, elapsed, interrupted, ending) => {
    expect(at(step, elapsed, interrupted)).toBe(ending);
  });

  it('has no time limit without maxMinutes', () => {
    expect(endingAt({ step: 1, elapsedSeconds: 1e9, interrupted: false }, { steps: 10, maxMinutes: null })).toBeNull();
  });
});
