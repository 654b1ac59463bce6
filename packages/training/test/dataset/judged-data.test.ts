import type { Dataset } from '@torsor/data';
import { describe, expect, it } from 'vitest';
import { judgedData } from '../../src/dataset/judged-data.js';
import { splitOf } from '../../src/dataset/training-data.js';
import { datasetIdentity } from '../../src/saving/identity.js';
import { recordedDataset } from '../recorded-dataset.js';
import { right } from '../right.js';

const settings = { data: { heldOut: 2 }, seed: 42 };
const six = recordedDataset([4, 3, 5, 6, 2, 4]);
const split = right(splitOf(six, settings));
const own = datasetIdentity(six, split);

const indices = (samples: { readonly episodes: readonly { readonly index: number }[] } | null) =>
  samples?.episodes.map(({ index }) => index) ?? null;

describe('judgedData', () => {
  it('is what a run held out of its own dataset, beside what it trained on', () => {
    const { heldOut, train, unseen } = right(judgedData(six, own, settings));
    expect([indices(heldOut), indices(train), unseen]).toEqual([split.heldOut, split.train, 'identity']);
  });

  it('is never an episode that was trained on, where the dataset has grown', () => {
    const grown = recordedDataset([4, 3, 5, 6, 2, 4, 7, 3, 5]);
    const { heldOut, train } = right(judgedData(grown, own, settings));
    expect(indices(heldOut)).toEqual([...split.heldOut, 6, 7, 8]);
    expect(indices(train)).toEqual(split.train);
  });

  it('knows episodes by what was recorded, not by their numbers', () => {
    const renumbered: Dataset = {
      ...six,
      episodes: six.episodes.map((episode) => ({ ...episode, index: episode.index + 10 })),
    };
    expect(indices(right(judgedData(renumbered, own, settings)).heldOut)).toEqual(split.heldOut.map((i) => i + 10));
  });

  it('has no training windows where not all of them are at hand', () => {
    const rest: Dataset = { ...six, episodes: six.episodes.filter(({ index }) => index !== split.train[0]) };
    expect(right(judgedData(rest, own, settings))).toMatchObject({ train: null });
  });

  it('is refused where every episode was trained on', () => {
    const trained: Dataset = { ...six, episodes: six.episodes.filter(({ index }) => split.train.includes(index)) };
    expect(judgedData(trained, own, settings)).toEqual({
      _tag: 'Left',
      left: { _tag: 'NothingUnseen', episodes: 4 },
    });
  });

  it('has its joints in the order of the policy, and is refused where they are others', () => {
    const turned: Dataset = {
      ...six,
      stateNames: ['elbow', 'shoulder'],
      episodes: six.episodes.map((episode) => ({
        ...episode,
        state: episode.state.map((_, i) => episode.state[i ^ 1] ?? 0),
      })),
    };
    const { heldOut } = right(judgedData(turned, own, settings));
    expect(indices(heldOut)).toEqual(split.heldOut);
    expect(heldOut.episodes[0]?.state).toEqual(six.episodes[split.heldOut[0] ?? 0]?.state);
    expect(judgedData({ ...six, actionNames: ['shoulder', 'wrist'] }, own, settings)).toMatchObject({
      left: { _tag: 'Data', error: { _tag: 'OtherJoints', missing: ['elbow'], extra: ['wrist'] } },
    });
  });

  it('of a checkpoint that does not say its episodes: by the split of the same dataset, or not known', () => {
    const { id, splitHash } = own;
    const known = right(judgedData(six, { id, splitHash }, settings));
    expect([indices(known.heldOut), indices(known.train), known.unseen]).toEqual([split.heldOut, split.train, 'split']);
    const other = right(judgedData(recordedDataset([9, 9]), { id, splitHash }, settings));
    expect([indices(other.heldOut), other.train, other.unseen]).toEqual([[0, 1], null, 'unknown']);
  });
});
