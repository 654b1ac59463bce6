import { expect, it } from 'vitest';
import { foldIn, key, normal, permutation, split } from '../src/index.js';

it('the example of the README runs', () => {
  const run = key(0);
  const [data = run, noise = run] = split(run);
  const order = permutation(foldIn(data, 3), 10);
  const epsilon = normal(foldIn(noise, 1000), 2 * 50 * 32);
  expect(order).toHaveLength(10);
  expect(epsilon).toHaveLength(3200);
});
