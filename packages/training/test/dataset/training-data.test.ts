import type { Dataset } from '@torsor/data';
import { foldIn, key, permutation } from '@torsor/random';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type DataSettings, prepareData, splitOf } from '../../src/dataset/training-data.js';
import { recordedDataset, seeingDataset } from '../recorded-dataset.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const lengths = [4, 3, 5, 6, 2, 4, 3, 5];

const settings = (data: Partial<DataSettings['data']> = {}, model: object = {}): DataSettings => {
  const tiny = tinySettings(tinyModel('pi0', { actionHorizon: 2, ...model }));
  return { ...tiny, data: { ...tiny.data, ...data } };
};

const heldOut = (amount: number, seed = 42, dataset: Dataset = recordedDataset(lengths)) =>
  splitOf(dataset, { data: { heldOut: amount }, seed });

describe('splitOf', () => {
  it.each([
    [2, 2],
    [1, 1],
    [0.25, 2],
    [0.99, 8],
  ])('holds out %d of eight episodes: %i', (amount, count) => {
    if (count === lengths.length) expect(heldOut(amount)).toMatchObject({ left: { _tag: 'Data' } });
    else {
      // The seed of the choice is a word of stream 5 of the run's seed.
      const order = [...permutation(key(foldIn(key(42), 5)[1]), 8)];
      const ascending = (some: readonly number[]) => some.toSorted((a, b) => a - b);
      expect(right(heldOut(amount))).toEqual({
        heldOut: ascending(order.slice(0, count)),
        train: ascending(order.slice(count)),
      });
    }
  });

  it('is another for another seed', () => {
    expect(heldOut(3, 1)).not.toEqual(heldOut(3, 2));
  });

  it('holds out something', () => {
    expect(heldOut(0)).toEqual(E.left({ _tag: 'NothingHeldOut', episodes: 8 }));
  });
});

describe('prepareData', () => {
  const dataset = recordedDataset(lengths);

  it('has the samples of both parts, and the statistics of the training part alone', () => {
    const { split, train, heldOut: held, stats, warnings } = right(prepareData(dataset, settings({ heldOut: 3 })));
    expect(train.episodes.map(({ index }) => index)).toEqual(split.train);
    expect(held.episodes.map(({ index }) => index)).toEqual(split.heldOut);
    const frames = split.train.flatMap((index) =>
      Array.from({ length: lengths[index] ?? 0 }, (_, t) => [t, 10 * index + t] as const),
    );
    const mean = (at: 0 | 1): number => frames.reduce((sum, frame) => sum + frame[at], 0) / frames.length;
    expect(stats.state.mean.map((x) => x)).toEqual([expect.closeTo(mean(0), 5), expect.closeTo(mean(1), 5)]);
    expect(warnings).toEqual([]);
  });

  it('has the statistics of motions where actions are', () => {
    // The shoulder moves from t to t + 1 and, where the episode goes on, to t + 2: 1 and 2, or 1 and 1 in the last frame.
    const { split, stats } = right(prepareData(dataset, settings({ heldOut: 3, deltaActionMask: [true, false] })));
    const moves = split.train.flatMap((index) =>
      Array.from({ length: lengths[index] ?? 0 }, (_, t) => [1, t + 1 < (lengths[index] ?? 0) ? 2 : 1]).flat(),
    );
    const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length;
    expect(stats.actions.mean[0]).toBeCloseTo(mean, 5);
  });

  it('warns of what never varies, by its name', () => {
    const still: Dataset = {
      ...dataset,
      episodes: dataset.episodes.map((episode) => ({
        ...episode,
        state: episode.state.map((x, i) => (i % 2 === 0 ? 5 : x)),
        action: episode.action.map((x, i) => (i % 2 === 1 ? 5 : x)),
      })),
    };
    expect(right(prepareData(still, settings())).warnings).toEqual([
      expect.stringMatching(/^state dimension 0 \(shoulder\) is the same in every frame/),
      expect.stringMatching(/^actions dimension 1 \(elbow\) is the same in every frame/),
    ]);
    expect(right(prepareData(still, settings({ normMode: 'quantile' }))).warnings[0]).toContain(
      'in 98 % of the frames',
    );
  });

  it('tells what the dataset tells of itself', () => {
    const noted = recordedDataset(lengths, { notes: ['the state is read from joints'] });
    expect(right(prepareData(noted, settings())).warnings).toEqual(['the state is read from joints']);
  });

  it.each([
    [{ actionNames: ['a', 'b', 'c'] }, 3, 'action', 3],
    [{ stateNames: ['a', 'b', 'c', 'd', 'e'], actionNames: ['a', 'b', 'c'] }, 4, 'state', 5],
  ] as const)('refuses %j with a model of %i dimensions', (names, actionDim, what, dimensions) => {
    const refused = { _tag: 'TooManyDimensions', what, dimensions, actionDim: actionDim - 1 };
    const wide = (room: number) => prepareData(recordedDataset(lengths, names), settings({}, { actionDim: room }));
    expect(wide(actionDim - 1)).toEqual(E.left(refused));
    expect(wide(dimensions)).not.toMatchObject({ left: { _tag: 'TooManyDimensions' } });
  });

  it('warns of cameras that are shown nothing first', () => {
    const { warnings } = right(prepareData(dataset, settings({}, { cameras: ['base_0_rgb'] })));
    expect(warnings).toEqual([expect.stringContaining('is shown no pictures')]);
  });

  it.each<[string | readonly string[] | null, boolean]>([
    ['rad', true],
    [null, true],
    [['rad', 'm'], true],
    [['rad'], false],
    [['rad', 'm', 's'], false],
  ])('takes units %j: %s', (units, taken) => {
    const found = prepareData(dataset, settings({ units }));
    expect(E.isRight(found)).toBe(taken);
    if (!taken) {
      expect(found).toEqual(E.left({ _tag: 'UnitsMismatch', units: units?.length, actions: 2 }));
    }
  });

  it('is refused for the cameras, and for what cannot be split', () => {
    expect(prepareData(seeingDataset([3, 3, 3]), settings())).toMatchObject({ left: { _tag: 'UnusedCameras' } });
    expect(prepareData(dataset, settings({ heldOut: 8 }))).toMatchObject({
      left: { _tag: 'Data', error: { _tag: 'TooFewEpisodes' } },
    });
  });
});
