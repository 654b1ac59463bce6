import { decodeMetricLine, encodeMetricLine } from '@torsor/metrics';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { actionErrors, actionMetrics } from '../src/index.js';
import { right, scored } from './chunks.js';

it('action metrics make a line that can be read back', () => {
  fc.assert(
    fc.property(scored, ({ recorded, predictions: [predicted = []] }) => {
      const errors = right(actionErrors(recorded, predicted));
      const line = { step: 3, ...actionMetrics(errors) };
      expect(decodeMetricLine(encodeMetricLine(line))).toEqual(E.right(line));
      expect(Object.keys(line)).toHaveLength(3 + recorded.names.length);
    }),
  );
});

it('action metrics have these names', () => {
  const recorded = { n: 1, horizon: 1, names: ['hip', 'left knee'], actions: [0, 0], isPad: [0] };
  expect(actionMetrics(right(actionErrors(recorded, [3, 1])))).toEqual({
    'eval/action_mae': 2,
    'eval/action_rmse': Math.sqrt(5),
    'eval/action_mae/hip': 3,
    'eval/action_mae/left knee': 1,
  });
});
