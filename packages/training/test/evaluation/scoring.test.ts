import { gatherBatch, readDataset, sampleDatasetPath, samplesOf } from '@torsor/data';
import { expect, it } from 'vitest';
import { jointsOf, scoreMethods, trainingMeanChunk } from '../../src/evaluation/scoring.js';
import { recordedDataset } from '../recorded-dataset.js';
import { right } from '../right.js';

const inputs = (async () => {
  const dataset = right(await readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0, 1, 2] })());
  const training = right(samplesOf(dataset, [0, 1]));
  const recorded = right(gatherBatch(right(samplesOf(dataset, [2])), { actionHorizon: 4 }, [0, 10, 20]));
  const { actionNames, stateNames } = dataset;
  return {
    recorded,
    actionNames,
    stateNames,
    samples: [recorded.actions],
    meanChunk: right(trainingMeanChunk(training, 4)),
  };
})();

it('scores the policy first, then the baselines; a perfect policy has no error', async () => {
  const methods = right(scoreMethods(await inputs));
  expect(methods.map(({ name, baseline }) => [name, baseline])).toEqual([
    ['1 sample', false],
    ['hold last state', true],
    ['mean chunk', true],
  ]);
  expect(methods.map(({ errors }) => errors.mae > 0)).toEqual([false, true, true]);
});

it('scores the mean of several samples: opposite errors cancel', async () => {
  const known = await inputs;
  const off = (by: number): Float64Array => Float64Array.from(known.recorded.actions, (x) => x + by);
  const [mean, one] = right(scoreMethods({ ...known, samples: [off(0.5), off(-0.5)] }));
  expect([mean?.name, one?.name]).toEqual(['mean of 2', '1 sample']);
  expect(one?.errors.mae).toBeCloseTo(0.5, 6);
  expect(mean?.errors.mae).toBeCloseTo(0, 6);
});

it('holds nothing where an action has no state of its name', async () => {
  const known = await inputs;
  const methods = right(scoreMethods({ ...known, stateNames: known.stateNames.map((name) => `${name}.state`) }));
  expect(methods.map(({ name }) => name)).toEqual(['1 sample', 'mean chunk']);
});

it('gives every joint its unit', () => {
  const unit = (units: Parameters<typeof jointsOf>[1]) => jointsOf(['a', 'b'], units).map((joint) => joint.unit);
  expect([unit(null), unit('rad'), unit(['rad', 'm'])]).toEqual([
    ['', ''],
    ['rad', 'rad'],
    ['rad', 'm'],
  ]);
});

it('refuses what it cannot score', async () => {
  const known = await inputs;
  expect(scoreMethods({ ...known, samples: [] })).toMatchObject({
    left: { _tag: 'WrongLength', what: 'predicted actions', actual: 0 },
  });
  const samples = right(samplesOf(recordedDataset([1]), [0]));
  expect(trainingMeanChunk(samples, 0)).toMatchObject({ left: { _tag: 'Data', error: { _tag: 'ShapeMismatch' } } });
});

it('leaves steps that no training episode reaches out of the mean chunk, and says how many it has', () => {
  // Two frames in windows of three: the last step is padding in both. The mean of (1, 0) and (2, −1), then (2, −1).
  const chunk = right(trainingMeanChunk(right(samplesOf(recordedDataset([2]), [0])), 3));
  expect([...chunk]).toEqual([1.5, -0.5, 2, -1, Number.NaN, Number.NaN]);
  const { actionNames, stateNames, ...dataset } = recordedDataset([2, 5]);
  const held = right(samplesOf({ ...dataset, actionNames, stateNames }, [1]));
  const recorded = right(gatherBatch(held, { actionHorizon: 3 }, [0]));
  const methods = right(
    scoreMethods({ recorded, actionNames, stateNames, samples: [recorded.actions], meanChunk: chunk }),
  );
  const mean = methods.at(-1);
  expect(mean?.name).toBe('mean chunk (2 of 3 steps)');
  expect(mean?.errors.countedSteps).toBe(2);
  // Of shoulders 1 and 2 off by 0.5 and 0; of elbows 2 and 1 off by 2.5 and 2.
  expect(mean?.errors.mae).toBeCloseTo((0.5 + 2.5 + 0 + 2) / 4, 12);
});
