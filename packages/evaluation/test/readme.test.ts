import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { actionErrors, showEvaluationError } from '../src/index.js';

it('the example of the README runs', () => {
  const recorded = { n: 1, horizon: 2, names: ['hip', 'knee'], actions: [0.1, 0.2, 0.1, 0.4], isPad: [0, 0] };
  const errors = actionErrors(recorded, [0.1, 0.2, 0.2, 0.2]);
  const text = E.match(showEvaluationError, ({ mae }: { mae: number }) => `MAE ${mae.toFixed(3)} rad`)(errors);
  expect(text).toBe('MAE 0.075 rad');
});
