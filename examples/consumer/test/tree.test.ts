import { flatten, map, type Tree } from '@torsor/tree';
import { expect, it } from 'vitest';

const parameters: Tree<number> = { encoder: { bias: 1, kernel: 2 }, head: 3 };

it('walks a tree of parameters by path', () => {
  expect(flatten(map(parameters, (value) => value * 10))).toEqual([
    { path: 'encoder/bias', leaf: 10 },
    { path: 'encoder/kernel', leaf: 20 },
    { path: 'head', leaf: 30 },
  ]);
});
