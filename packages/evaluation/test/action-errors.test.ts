import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionErrors, type RecordedChunks } from '../src/index.js';
import { refusal, right, scored } from './chunks.js';

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-11 * (1 + Math.abs(b)));

describe('actionErrors', () => {
  it('is 0 iff prediction and record agree off the padding', () => {
    fc.assert(
      fc.property(scored, ({ recorded, predictions: [predicted = []] }) => {
        const ad = recorded.names.length;
        const inPadding = predicted.map((x, i) =>
          recorded.isPad[Math.floor(i / ad)] === 0 ? (recorded.actions[i] ?? 0) : x,
        );
        expect(right(actionErrors(recorded, inPadding)).rmse).toBe(0);
        const equal = predicted.every((x, i) => recorded.isPad[Math.floor(i / ad)] !== 0 || x === recorded.actions[i]);
        expect(right(actionErrors(recorded, predicted)).mae === 0).toBe(equal);
      }),
    );
  });

  it('takes nothing from the padding', () => {
    fc.assert(
      fc.property(scored, ({ recorded, predictions: [predicted = []] }) => {
        const ad = recorded.names.length;
        const broken = predicted.map((x, i) => (recorded.isPad[Math.floor(i / ad)] === 0 ? x : Number.NaN));
        expect(actionErrors(recorded, broken)).toEqual(actionErrors(recorded, predicted));
      }),
    );
  });

  it('is the mean of its joints and of its horizon steps, and mae <= rmse', () => {
    fc.assert(
      fc.property(scored, ({ recorded, predictions: [predicted = []] }) => {
        const { mae, rmse, ...errors } = right(actionErrors(recorded, predicted));
        near(mae, mean(Object.values(errors.maePerJoint)));
        near(rmse ** 2, mean(Object.values(errors.rmsePerJoint).map((x) => x * x)));
        expect(mae).toBeLessThanOrEqual(rmse * (1 + 1e-12));
        const steps = errors.maePerHorizonStep.map((x, h) => {
          const counted = Array.from({ length: recorded.n }, (_, i) => recorded.isPad[i * recorded.horizon + h]);
          return counted.filter((pad) => pad === 0).length * (Number.isNaN(x) ? 0 : x);
        });
        near(mae, steps.map((x) => (Number.isNaN(x) ? 0 : x)).reduce((a, b) => a + b, 0) / errors.countedSteps);
        expect(errors.countedSteps + errors.paddedSteps).toBe(recorded.n * recorded.horizon);
      }),
    );
  });

  it('scales with the unit', () => {
    fc.assert(
      fc.property(scored, ({ recorded, predictions: [predicted = []] }) => {
        const scaled = { ...recorded, actions: Array.from(recorded.actions, (x) => 4 * x) };
        const errors = right(
          actionErrors(
            scaled,
            predicted.map((x) => 4 * x),
          ),
        );
        expect(errors.mae).toBe(4 * right(actionErrors(recorded, predicted)).mae);
      }),
    );
  });

  const two: RecordedChunks = { n: 1, horizon: 2, names: ['hip', 'knee'], actions: [1, 2, 3, 4], isPad: [0, 1] };

  it('counts by hand', () => {
    expect(right(actionErrors(two, [1.5, 1, 0, 0]))).toEqual({
      mae: 0.75,
      rmse: Math.sqrt(0.625),
      maePerJoint: { hip: 0.5, knee: 1 },
      rmsePerJoint: { hip: 0.5, knee: 1 },
      maePerHorizonStep: [0.75, Number.NaN],
      countedSteps: 1,
      paddedSteps: 1,
    });
  });

  it('shows a NaN prediction', () => {
    expect(right(actionErrors(two, [Number.NaN, 2, 3, 4])).mae).toBeNaN();
  });

  it('refuses wrong lengths, equal names and nothing but padding', () => {
    expect(refusal(actionErrors(two, [1]))).toBe(
      'WrongLength: predicted actions has 1 elements, expected 4 by its shape',
    );
    expect(refusal(actionErrors({ ...two, isPad: [0] }, [1, 2, 3, 4]))).toBe(
      'WrongLength: isPad has 1 elements, expected 2 by its shape',
    );
    expect(refusal(actionErrors({ ...two, names: ['hip', 'hip'] }, [1, 2, 3, 4]))).toContain(
      "DuplicateName: two action dimensions are named 'hip'",
    );
    expect(refusal(actionErrors({ ...two, isPad: [1, 1] }, [1, 2, 3, 4]))).toContain('NothingToScore: action errors');
  });
});
