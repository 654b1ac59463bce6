import { applyTransforms, batchDict, type Dataset, float32At, gatherBatch, makeBoolMask } from '@torsor/data';
import { modelInputs } from '@torsor/policy';
import { foldIn, key, permutation } from '@torsor/random';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type DataSettings, prepareData, splitOf } from '../../src/dataset/training-data.js';
import { showTrainingError } from '../../src/error.js';
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

  it('holds out nothing where it is told to', () => {
    expect(right(heldOut(0))).toEqual({ train: [0, 1, 2, 3, 4, 5, 6, 7], heldOut: [] });
  });

  it('leaves every task an episode to train on, where each has two', () => {
    const tasks = new Map([0, 1, 2, 3].map((task) => [task, `task ${task}`]));
    const dataset = recordedDataset(lengths, { tasks });
    const episodes = dataset.episodes.map((episode, i) => ({
      ...episode,
      taskIndex: new Int32Array(episode.length).fill(i >> 1),
    }));
    for (let seed = 0; seed < 20; seed++) {
      const split = right(heldOut(4, seed, { ...dataset, episodes }));
      expect(new Set(split.train.map((index) => index >> 1)).size).toBe(4);
      expect(split.heldOut).toHaveLength(4);
    }
  });
});

describe('prepareData', () => {
  const dataset = recordedDataset(lengths);

  it('has the samples of both parts, and the statistics of the training part alone', () => {
    const { split, train, heldOut: held, stats, warnings } = right(prepareData(dataset, settings({ heldOut: 3 })));
    expect(train.episodes.map(({ index }) => index)).toEqual(split.train);
    expect(held?.episodes.map(({ index }) => index)).toEqual(split.heldOut);
    const frames = split.train.flatMap((index) =>
      Array.from({ length: lengths[index] ?? 0 }, (_, t) => [t, 10 * index + t] as const),
    );
    const mean = (at: 0 | 1): number => frames.reduce((sum, frame) => sum + frame[at], 0) / frames.length;
    expect(stats.state.mean.map((x) => x)).toEqual([expect.closeTo(mean(0), 5), expect.closeTo(mean(1), 5)]);
    expect(warnings).toEqual([]);
  });

  it('goes on with the split and the statistics that a run has', () => {
    const kept = {
      split: { train: [1, 2], heldOut: [7] },
      stats: right(prepareData(dataset, settings({ heldOut: 3 }))).stats,
    };
    const data = right(prepareData(dataset, settings(), kept));
    expect([data.split, data.stats]).toEqual([kept.split, kept.stats]);
    expect([data.train.episodes, data.heldOut?.episodes].map((some) => some?.map(({ index }) => index))).toEqual([
      [1, 2],
      [7],
    ]);
    const narrow = { state: { ...kept.stats.state, mean: [0] }, actions: kept.stats.actions };
    expect(prepareData(dataset, settings(), { stats: narrow })).toMatchObject({
      left: { _tag: 'Data', error: { _tag: 'ShapeMismatch', expected: 'of 2 dimensions, as the dataset has' } },
    });
  });

  it('says what share of the actions lies beyond the end of their episodes', () => {
    // Of episodes of 3 frames in windows of 4: 1, 2 and 3 of 4 steps; one of a frame: 3 of 4.
    const of = (some: readonly number[], horizon: number) =>
      right(prepareData(recordedDataset(some), settings({ heldOut: 0 }, { actionHorizon: horizon }))).paddedShare;
    expect(of([3], 4)).toBeCloseTo(6 / 12, 12);
    expect(of([3, 1], 4)).toBeCloseTo(9 / 16, 12);
    expect(of([3, 3], 1)).toBe(0);
    expect(of([9], 3)).toBeCloseTo(3 / 27, 12);
  });

  it('warns of jumps in time, or refuses them', () => {
    const gaps = [{ frame: 2, seconds: 11 }];
    const episodes = dataset.episodes.map((episode) => (episode.index === 3 ? { ...episode, gaps } : episode));
    const jumping = { ...dataset, episodes };
    const { warnings, paddedShare } = right(prepareData(jumping, settings({ heldOut: 0 })));
    expect(warnings[0]).toBe(
      'time jumps once inside episodes, farthest by 11.00 s before frame 2 of episode 3: windows end there (data.gaps=refuse stops instead)',
    );
    // Windows of two steps: one of each part's frames is without a second.
    expect(paddedShare).toBeCloseTo((lengths.length + 1) / (2 * lengths.reduce((sum, length) => sum + length, 0)), 12);
    expect(prepareData(jumping, settings({ gaps: 'refuse' }))).toEqual(
      E.left({ _tag: 'GapsInTime', gaps: 1, episode: 3, frame: 2, seconds: 11 }),
    );
  });

  it('warns where nothing is held out, and of tasks that are never trained on', () => {
    expect(right(prepareData(dataset, settings({ heldOut: 0 })))).toMatchObject({
      heldOut: null,
      warnings: ['nothing is held out (data.heldOut=0): nothing will say how good the policy is'],
    });
    // Of two tasks with one episode each, one is held out in any case.
    const { warnings } = right(prepareData(recordedDataset([3, 3]), settings({ heldOut: 1 })));
    expect(warnings[0]).toMatch(/^every episode of the task "(pick|place the red cup on the shelf)" is held out/);
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

describe('joints of ALOHA that are learned as those of openpi', () => {
  const value = (i: number): number => Math.sin(3 * i);
  const wide = recordedDataset(lengths, {
    stateNames: Array.from({ length: 14 }, (_, i) => `s${i}`),
    actionNames: Array.from({ length: 14 }, (_, i) => `a${i}`),
  });
  const aloha: Dataset = {
    ...wide,
    episodes: wide.episodes.map((episode) => ({
      ...episode,
      state: Float32Array.from({ length: 14 * episode.length }, (_, i) => value(i + episode.index)),
      action: Float32Array.from({ length: 14 * episode.length }, (_, i) => value(2 * i + episode.index)),
    })),
  };

  it('have their statistics there: of states, of actions, and of deltas', () => {
    for (const deltaActionMask of [null, makeBoolMask(6, -1, 6, -1)]) {
      const { stats, train } = right(prepareData(aloha, settings({ adaptToPi: true, deltaActionMask })));
      const batch = right(gatherBatch(train, { actionHorizon: 2 }, [...new Array(train.count).keys()]));
      const mean = (values: ArrayLike<number>, i: number): number => {
        const own = Array.from(values).filter((_, at) => at % 14 === i);
        return own.reduce((sum, x) => sum + x, 0) / own.length;
      };
      // Normalized by their own statistics, numbers have a mean of 0.
      const space = { stats, normMode: 'mean_std', deltaActionMask, adaptToPi: true, actionDim: 14 } as const;
      const made = right(applyTransforms(modelInputs(space, []))(batchDict(batch)));
      for (const key of ['state', 'actions'])
        for (let i = 0; i < 14; i++) expect(mean(right(float32At(made, key)), i)).toBeCloseTo(0, 4);
    }
  });

  it('are 14 of states and of actions', () => {
    const [state, action] = [{ stateNames: wide.stateNames.slice(1) }, { actionNames: wide.actionNames.slice(1) }];
    expect(prepareData({ ...aloha, ...state }, settings({ adaptToPi: true }))).toEqual(
      E.left({ _tag: 'NotAloha', what: 'state', dimensions: 13 }),
    );
    expect(prepareData({ ...aloha, ...action }, settings({ adaptToPi: true }))).toEqual(
      E.left({ _tag: 'NotAloha', what: 'action', dimensions: 13 }),
    );
    expect(showTrainingError({ _tag: 'NotAloha', what: 'state', dimensions: 13 })).toEqual([
      "data.adaptToPi converts ALOHA's 14 state dimensions, the dataset has 13: give data.adaptToPi=false",
    ]);
  });
});
