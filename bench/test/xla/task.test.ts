import { describe, expect, it } from 'vitest';
import { isTask } from '../../src/xla/task.js';

describe('isTask', () => {
  it.each([
    { kind: 'depths', depths: [1] },
    { kind: 'train', config: 'mid_text' },
    { kind: 'train', config: 'mid_S16' },
    { kind: 'decode', config: 'mid_fast' },
  ])('%j', (task) => expect(isTask(task)).toBe(true));

  it.each([
    null,
    3,
    {},
    { kind: 'train', config: 'mid_fast' },
    { kind: 'decode', config: 'mid_text' },
    { kind: 'train' },
    { kind: 'train', config: 'large' },
    { kind: 'train', config: 'toString' },
  ])('not %j', (value) => expect(isTask(value)).toBe(false));
});
