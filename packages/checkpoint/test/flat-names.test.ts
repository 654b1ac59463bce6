import type { Tree } from '@torsor/tree';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { flatNames, treeFromNames } from '../src/index.js';

const { node } = fc.letrec<{ node: Tree<number>; child: Tree<number> }>((tie) => ({
  node: fc.dictionary(fc.stringMatching(/^[a-z0-9_]{1,4}$/), tie('child'), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
  child: fc.oneof({ maxDepth: 3 }, fc.integer(), tie('node')),
}));

it('names give the tree back', () => {
  fc.assert(
    fc.property(node, (tree) => {
      const names = flatNames(tree);
      expect(E.isRight(names) && treeFromNames(names.right)).toEqual(E.right(tree));
    }),
  );
});

it('joins keys by a slash', () => {
  expect(flatNames({ b: { kernel: 2 }, a: 1 })).toEqual(
    E.right(
      new Map([
        ['a', 1],
        ['b/kernel', 2],
      ]),
    ),
  );
});

it.each<[string, Tree<number>]>([
  ['an empty node', { a: {} }],
  ['a slash in a key', { 'a/b': 1 }],
  ['an empty key', { '': 1 }],
  ['a bare leaf', 1],
])('refuses %s', (_, tree) => {
  expect(flatNames(tree)).toMatchObject(E.left({ _tag: 'BadTree' }));
});

it('refuses a name that is leaf and beginning at once', () => {
  expect(
    treeFromNames(
      new Map([
        ['a', 1],
        ['a/b', 2],
      ]),
    ),
  ).toMatchObject(E.left({ _tag: 'BadTree' }));
});
