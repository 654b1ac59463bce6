import { expect, it } from 'vitest';
import { actionErrors, errorTable } from '../src/index.js';
import { right } from './chunks.js';

const recorded = { n: 1, horizon: 1, names: ['hip', 'left knee'], actions: [0, 0], isPad: [0] };

const method = (name: string, baseline: boolean, ...actions: readonly number[]) => ({
  name,
  baseline,
  errors: right(actionErrors(recorded, actions)),
});

it('the table names joints, units and methods, and marks the best of a row', () => {
  const joints = [
    { name: 'hip', unit: 'rad' },
    { name: 'left knee', unit: 'rad' },
  ];
  const methods = [method('policy', false, 0.03, 0.00456), method('hold', true, 0.01, 12)];
  expect(errorTable(joints, methods)).toBe(
    [
      'MAE per joint  unit   policy     hold',
      '--------------------------------------',
      'hip            rad    0.0300   0.0100*',
      'left knee      rad   0.00456*    12.0',
      '--------------------------------------',
      'all: MAE       rad    0.0173*    6.00',
      'all: RMSE      rad    0.0215*    8.49',
    ].join('\n'),
  );
});
