import { type DataError, type Dataset, type Episode, type ReadOptions, readDataset } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { Refusal } from '../data-errors.js';

/** Episodes that may be refused one by one before reading is given up: the kinds of damage are known by then. */
const mostRefused = 32;

/** The errors that are about some episodes: the others may be whole. */
const ofEpisodes: readonly DataError['_tag'][] = [
  ...(['MissingParquet', 'CorruptParquet', 'LfsPointer', 'UnreadableFile', 'RowCountMismatch'] as const),
  ...(['MissingColumn', 'WrongColumnType', 'WrongWidth', 'NullValue'] as const),
  ...(['WrongIndex', 'UnknownTask', 'NonFiniteValue'] as const),
];

/** What could be read of a dataset, and what could not. */
export type Salvaged = {
  /** `null` where nothing could. */
  readonly dataset: Dataset | null;
  readonly refusals: readonly Refusal[];
  /** Episodes that were not tried. */
  readonly untried: readonly number[];
};

const halves = <A>(all: readonly A[]): readonly (readonly A[])[] => {
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)];
};

type Halving = {
  readonly datasets: readonly Dataset[];
  readonly refusals: readonly Refusal[];
  readonly untried: readonly number[];
};

const nothing: Halving = { datasets: [], refusals: [], untried: [] };

/**
 * What can be read of some episodes that were refused together: each half is read for itself, down to single episodes. One
 * bad episode of n costs some 2 n reads of episodes.
 */
const halving = async (dir: string, options: ReadOptions, refused: readonly number[]): Promise<Halving> => {
  let found = nothing;
  let waiting = halves(refused);
  while (waiting.length > 0) {
    const [episodes = [], ...rest] = waiting;
    waiting = rest;
    if (episodes.length === 0) continue;
    if (found.refusals.length >= mostRefused) {
      found = { ...found, untried: [...found.untried, ...episodes] };
      continue;
    }
    const read = await readDataset(dir, { ...options, episodes })();
    if (E.isRight(read)) found = { ...found, datasets: [...found.datasets, read.right] };
    else if (episodes.length > 1) waiting = [...halves(episodes), ...waiting];
    else found = { ...found, refusals: [...found.refusals, { error: read.left, episodes }] };
  }
  return found;
};

const byIndex = (a: Episode, b: Episode): number => a.index - b.index;

const together = (datasets: readonly Dataset[]): Dataset | null => {
  const [first] = datasets;
  return first === undefined
    ? null
    : { ...first, episodes: datasets.flatMap(({ episodes }) => episodes).toSorted(byIndex) };
};

/** What reads on in spite of an error that is not about its rows. */
const without = (error: DataError, options: ReadOptions): ReadOptions | null => {
  if (error._tag === 'MissingVideos') return { ...options, withoutCameras: 'all' };
  return error._tag === 'CountMismatch' ? { ...options, checkTotals: false } : null;
};

/**
 * Reads a dataset as far as it can be read: without its videos where they are missing, whatever totals it declares, without the episodes that are refused.
 *
 * @param episodes - those that are wanted, by the metadata.
 */
export const salvage = async (dir: string, options: ReadOptions, episodes: readonly number[]): Promise<Salvaged> => {
  const first = await readDataset(dir, options)();
  if (E.isRight(first)) return { dataset: first.right, refusals: [], untried: [] };
  const { left: error } = first;
  const lenient = without(error, options);
  if (lenient !== null) {
    const rest = await salvage(dir, lenient, episodes);
    return { ...rest, refusals: [{ error, episodes: [] }, ...rest.refusals] };
  }
  if (!ofEpisodes.includes(error._tag))
    return { dataset: null, refusals: [{ error, episodes: [] }], untried: episodes };
  if (episodes.length < 2) return { dataset: null, refusals: [{ error, episodes }], untried: [] };
  const { datasets, refusals, untried } = await halving(dir, options, episodes);
  return { dataset: together(datasets), refusals, untried };
};
