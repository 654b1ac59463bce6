import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  flatten,
  foldMap,
  isNode,
  leaves,
  map,
  paths,
  showTreeError,
  type Tree,
  traverse,
  unflatten,
  zipWith,
} from '../src/index.js';

const key = fc.string({ minLength: 1, maxLength: 3 }).filter((s) => !s.includes('/'));
const { tree } = fc.letrec<{ tree: Tree<number>; node: Tree<number> }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.integer(), tie('node')),
  node: fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
}));

describe('Tree', () => {
  it('map of the identity is the identity', () => {
    fc.assert(
      fc.property(tree, (t) => {
        expect(map(t, (a) => a)).toEqual(t);
      }),
    );
  });
  it('map composes', () => {
    const f = (a: number): number => a + 1;
    const g = (a: number): string => `${a}`;
    fc.assert(
      fc.property(tree, (t) => {
        expect(map(map(t, f), g)).toEqual(map(t, (a) => g(f(a))));
      }),
    );
  });
  it('unflatten undoes flatten', () => {
    fc.assert(
      fc.property(tree, (t) => {
        expect(unflatten(flatten(t))).toEqual(E.right(t));
      }),
    );
  });
  it('flattens alike whatever the order of the keys', () => {
    expect(flatten({ b: 1, a: { d: 2, c: 3 } })).toEqual(flatten({ a: { c: 3, d: 2 }, b: 1 }));
    expect(paths({ b: 1, a: { d: 2, c: 3 } })).toEqual(['a/c', 'a/d', 'b']);
    expect(leaves({ b: 1, a: { d: 2, c: 3 } })).toEqual([3, 2, 1]);
  });
  it('zipWith of a tree with itself is map', () => {
    fc.assert(
      fc.property(tree, (t) => {
        expect(zipWith(t, t, (a, b) => [a, b])).toEqual(E.right(map(t, (a) => [a, a])));
      }),
    );
  });
  it('traverse with right is right', () => {
    fc.assert(
      fc.property(tree, (t) => {
        expect(traverse(t, (a) => E.right(a))).toEqual(E.right(t));
      }),
    );
  });
  it('traverse stops at the first failure in key order', () => {
    expect(traverse({ b: 1, a: 2 }, (_, path) => E.left(path))).toEqual(E.left('a'));
  });
  it('foldMap visits each leaf once', () => {
    fc.assert(
      fc.property(tree, (t) => {
        expect(foldMap(t, 0, (n) => n + 1)).toBe(leaves(t).length);
      }),
    );
  });
  it('takes class instances and arrays as leaves', () => {
    expect(isNode(new Date() as unknown as Tree<Date>)).toBe(false);
    expect(flatten<unknown>({ a: [1, 2], b: new Float32Array(1) }).map(({ path }) => path)).toEqual(['a', 'b']);
  });
});

describe('refused trees', () => {
  const leftOf = (result: E.Either<Parameters<typeof showTreeError>[0], unknown>): string =>
    E.isLeft(result) ? showTreeError(result.left) : 'right';
  it('names the path where two trees differ', () => {
    expect(leftOf(zipWith({ a: { b: 1 } }, { a: { c: 1 } }, () => 0))).toBe(
      "trees differ at 'a': the left has the keys {b}, the right has the keys {c}; both must have the same keys",
    );
    expect(leftOf(zipWith<number, number, number>({ a: 1 }, 1, () => 0))).toContain('the root');
  });
  it('refuses a path that occurs twice or is inside a leaf', () => {
    expect(
      leftOf(
        unflatten([
          { path: 'a', leaf: 1 },
          { path: 'a', leaf: 2 },
        ]),
      ),
    ).toContain("'a' occurs twice");
    expect(
      leftOf(
        unflatten([
          { path: 'a', leaf: 1 },
          { path: 'a/b', leaf: 2 },
        ]),
      ),
    ).toContain('both a leaf and the parent');
  });
});
