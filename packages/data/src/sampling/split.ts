import { key, permutation } from '@torsor/random';
import * as E from 'fp-ts/lib/Either.js';
import type { DataError } from '../error.js';

/** How much to hold out: a share of the episodes (rounded up, so that a share above 0 holds out at least one) or a number of them. */
export type HeldOut = { readonly fraction: number } | { readonly count: number };

/** Which episodes are trained on and which are only evaluated on; both ascending. */
export type EpisodeSplit = {
  readonly train: readonly number[];
  readonly heldOut: readonly number[];
};

const ascending = (a: number, b: number): number => a - b;

/** What a split is made of. */
export type SplitOptions = {
  readonly episodes: readonly number[];
  readonly heldOut: HeldOut;
  readonly seed: number;
  /** The tasks of an episode: where it can be, none loses its only episode to the held-out part. */
  readonly tasksOf?: (episode: number) => readonly string[];
};

/** How many of the episodes in `left` have each task. */
const counted = (left: readonly number[], tasksOf: (episode: number) => readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const episode of left) {
    for (const task of tasksOf(episode)) counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts;
};

/** The first `count` of an order, passing over an episode that is the last one left of a task, unless there are no others. */
const chosen = (
  order: readonly number[],
  count: number,
  tasksOf: (episode: number) => readonly string[],
): ReadonlySet<number> => {
  const left = counted(order, tasksOf);
  const taken = new Set<number>();
  for (const episode of order) {
    if (taken.size === count) break;
    const tasks = tasksOf(episode);
    if (tasks.some((task) => left.get(task) === 1)) continue;
    taken.add(episode);
    for (const task of tasks) left.set(task, (left.get(task) ?? 0) - 1);
  }
  for (const episode of order) {
    if (taken.size === count) break;
    taken.add(episode);
  }
  return taken;
};

/**
 * Splits episodes by a seeded permutation of their ascending indices: whole episodes, since frames of one episode
 * resemble each other too much to test on. `{ count: 0 }` or `{ fraction: 0 }` holds none out.
 *
 * @errors `TooFewEpisodes` when none would be left to train on; `ShapeMismatch` for a share outside `[0, 1)` or a number that is no count.
 * @law the two parts are disjoint and together are the episodes; the order of `episodes` does not matter; where every task
 * has more episodes than are held out, every task is trained on.
 */
export const splitEpisodes = (options: SplitOptions): E.Either<DataError, EpisodeSplit> => {
  const { heldOut, seed, tasksOf = (): readonly string[] => [] } = options;
  const episodes = [...new Set(options.episodes)].toSorted(ascending);
  const fraction = 'fraction' in heldOut;
  const asked = fraction ? heldOut.fraction : heldOut.count;
  if (fraction ? !(asked >= 0 && asked < 1) : !(Number.isInteger(asked) && asked >= 0)) {
    const expected = fraction ? 'a share from 0 to below 1' : 'a whole number, 0 or more';
    return E.left({ _tag: 'ShapeMismatch', what: 'The held-out part', expected, found: String(asked) });
  }
  // The small subtraction undoes rounding such as 0.1 · 30 = 3.0000000000000004.
  const count = fraction ? Math.ceil(asked * episodes.length - 1e-9) : asked;
  if (episodes.length - count < 1) return E.left({ _tag: 'TooFewEpisodes', episodes: episodes.length, heldOut: count });
  const order = [...permutation(key(seed), episodes.length)].map((i) => episodes[i] ?? 0);
  const held = chosen(order, count, tasksOf);
  return E.right({
    train: episodes.filter((episode) => !held.has(episode)),
    heldOut: episodes.filter((episode) => held.has(episode)),
  });
};
