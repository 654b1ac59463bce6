import { describe, expect, it } from 'vitest';
import { paceAfter, progressOf } from '../../src/loop/progress.js';

const limits = { steps: 20, maxMinutes: null };
const situation = { step: 8, elapsedSeconds: 100, interrupted: false };
const measured = { loss: 0.5, learning_rate: 0.25 };

describe('paceAfter', () => {
  it('adds an update and its seconds', () => {
    expect(paceAfter(paceAfter({ updates: 0, seconds: 0 }, 2), 3)).toEqual({ updates: 2, seconds: 5 });
  });
});

describe('progressOf', () => {
  it('tells the last update, the pace, and what is left by it: 12 updates at 2 s', () => {
    expect(progressOf({ updates: 3, seconds: 6 }, measured, situation, limits)).toEqual({
      step: 8,
      steps: 20,
      loss: 0.5,
      learningRate: 0.25,
      stepsPerSecond: 0.5,
      remainingSeconds: 24,
    });
  });

  it.each([
    ['the time that is left where that is less', { updates: 3, seconds: 6 }, { ...limits, maxMinutes: 2 }, 20],
    ['the updates where they are done sooner', { updates: 3, seconds: 6 }, { ...limits, maxMinutes: 9 }, 24],
    ['nothing where the time is up', { updates: 3, seconds: 6 }, { ...limits, maxMinutes: 1 }, 0],
    ['nothing after the last update', { updates: 3, seconds: 6 }, { ...limits, steps: 7 }, 0],
    ['nothing before there is a pace', { updates: 0, seconds: 0 }, limits, 0],
  ])('leaves %s', (_, pace, until, seconds) => {
    expect(progressOf(pace, measured, situation, until).remainingSeconds).toBe(seconds);
  });

  it('has no pace of updates that took no time, and no number that was not measured', () => {
    const found = progressOf({ updates: 3, seconds: 0 }, {}, situation, limits);
    expect(found).toMatchObject({ stepsPerSecond: 0, loss: Number.NaN, learningRate: Number.NaN });
  });
});
