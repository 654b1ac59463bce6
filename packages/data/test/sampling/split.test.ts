import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitEpisodes } from '../../src/sampling/split.js';
import { left, right } from '../right.js';

const episodes = fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 50 });
const ascending = (a: number, b: number): number => a - b;

describe('splitEpisodes', () => {
  it('parts are disjoint, together everything, and do not depend on the order given', () => {
    fc.assert(
      fc.property(episodes, fc.nat(), fc.double({ min: 0, max: 0.5, noNaN: true }), (all, seed, fraction) => {
        const split = right(splitEpisodes({ episodes: all, heldOut: { fraction }, seed }));
        expect([...split.train, ...split.heldOut].toSorted(ascending)).toEqual(all.toSorted(ascending));
        expect(split.heldOut.length > 0).toBe(fraction * all.length > 1e-9);
        expect(splitEpisodes({ episodes: all.toReversed(), heldOut: { fraction }, seed })).toEqual({
          _tag: 'Right',
          right: split,
        });
      }),
    );
  });

  it('a share is rounded up, without the rounding error of the product', () => {
    const split = (fraction: number, n: number) =>
      right(splitEpisodes({ episodes: Array.from({ length: n }, (_, i) => i), heldOut: { fraction }, seed: 0 })).heldOut
        .length;
    expect([split(0.1, 40), split(0.1, 30), split(0.1, 41), split(0, 5), split(0.01, 5)]).toEqual([4, 3, 5, 0, 1]);
  });

  it('a seed decides which', () => {
    const pick = (seed: number) =>
      right(splitEpisodes({ episodes: [1, 2, 3, 4, 5, 6, 7, 8, 9], heldOut: { count: 3 }, seed })).heldOut;
    expect(pick(0)).toHaveLength(3);
    expect(new Set([0, 1, 2, 3, 4].map((seed) => String(pick(seed)))).size).toBeGreaterThan(1);
  });

  it('leaves every task an episode to train on, where there are more than are held out', () => {
    const groups = fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(groups, fc.nat(), fc.boolean(), (sizes, seed, many) => {
        const tasks = sizes.flatMap((size, task) => Array.from({ length: size }, () => String(task)));
        const all = tasks.map((_, i) => i);
        const count = many ? tasks.length - sizes.length : 1;
        const tasksOf = (episode: number): readonly string[] => [tasks[episode] ?? ''];
        const { train, heldOut } = right(splitEpisodes({ episodes: all, heldOut: { count }, seed, tasksOf }));
        expect(new Set(train.flatMap(tasksOf)).size).toBe(sizes.length);
        expect(heldOut).toHaveLength(count);
      }),
    );
  });

  it('holds out as many as are asked for, though a task has no other episode', () => {
    const tasksOf = (episode: number): readonly string[] => [String(episode)];
    const { heldOut } = right(splitEpisodes({ episodes: [0, 1, 2, 3], heldOut: { count: 2 }, seed: 3, tasksOf }));
    expect(heldOut).toHaveLength(2);
  });

  it('refuses to leave nothing to train on', () => {
    const error = { _tag: 'TooFewEpisodes', episodes: 2, heldOut: 2 };
    expect(left(splitEpisodes({ episodes: [4, 7], heldOut: { count: 2 }, seed: 0 }))).toEqual(error);
    expect(left(splitEpisodes({ episodes: [4], heldOut: { fraction: 0.1 }, seed: 0 }))).toMatchObject({
      _tag: 'TooFewEpisodes',
    });
    expect(left(splitEpisodes({ episodes: [], heldOut: { count: 0 }, seed: 0 }))).toMatchObject({
      _tag: 'TooFewEpisodes',
    });
  });

  it.each([{ fraction: 1 }, { fraction: -0.1 }, { fraction: Number.NaN }, { count: 1.5 }, { count: -1 }])(
    'refuses %j',
    (heldOut) => {
      expect(left(splitEpisodes({ episodes: [1, 2, 3], heldOut, seed: 0 }))).toMatchObject({ _tag: 'ShapeMismatch' });
    },
  );
});
