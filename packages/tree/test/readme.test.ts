import { expect, it } from 'vitest';
import { flatten, map } from '../src/index.js';

it('the example of the README runs', () => {
  const params = { head: { kernel: 3, bias: 1 }, body: 2 };
  expect(flatten(map(params, (x) => 10 * x))).toEqual([
    { path: 'body', leaf: 20 },
    { path: 'head/bias', leaf: 10 },
    { path: 'head/kernel', leaf: 30 },
  ]);
});
