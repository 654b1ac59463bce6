import { describe, expect, it } from 'vitest';
import { datasetId, manifestOf, normalizationOf, splitHash } from '../../src/saving/identity.js';
import { recordedDataset } from '../recorded-dataset.js';

describe('what tells datasets and splits apart', () => {
  // sha256sum of the JSON text that names robot, rate, dimensions and lengths: checkpoints of today hold such numbers.
  it('is the same number as in every checkpoint so far', () => {
    expect(datasetId(recordedDataset([4, 3]))).toBe('d8f2a14944b0c560d1b70abdbbd9d22524a4f03ff6aa71152a1396e3e9dc6294');
    expect(splitHash({ train: [0, 2], heldOut: [1] })).toBe(
      '96d5a45a94f5d9bd1415ed69c50f4c2addfb48c7760848e5567378afb63efd4b',
    );
  });

  it('is another for another length, robot or name, and no other for another folder', () => {
    const id = datasetId(recordedDataset([4, 3]));
    for (const other of [
      recordedDataset([3, 4]),
      recordedDataset([4, 3], { robotType: null }),
      recordedDataset([4, 3], { fps: 30 }),
      recordedDataset([4, 3], { stateNames: ['shoulder', 'wrist'] }),
      recordedDataset([4, 3], { actionNames: ['shoulder', 'wrist'] }),
    ]) {
      expect(datasetId(other)).not.toBe(id);
    }
    expect(datasetId(recordedDataset([4, 3], { root: 'elsewhere' }))).toBe(id);
  });
});

describe('normalizationOf', () => {
  it('has the keys of openpi’s norm_stats.json', () => {
    const state = { mean: [1], std: [2], q01: null, q99: null };
    const actions = { mean: [3], std: [4], q01: [5], q99: [6] };
    expect(normalizationOf({ state, actions }, 'quantile')).toEqual({
      mode: 'quantile',
      statistics: {
        state: { mean: [1], std: [2], q01: null, q99: null },
        actions: { mean: [3], std: [4], q01: [5], q99: [6] },
      },
    });
  });
});

describe('manifestOf', () => {
  it('is of the run and of the host state', () => {
    const run = {
      config: { a: 1 },
      seed: 7,
      normalization: { mode: 'none', statistics: {} },
      dataset: { id: 'x', splitHash: 'y' },
      createdBy: 'someone',
      fast: null,
    };
    expect(manifestOf(run, { step: 5, position: { epoch: 1, offset: 2 }, interval: {} })).toEqual({
      createdBy: 'someone',
      step: 5,
      config: { a: 1 },
      normalisation: { mode: 'none', statistics: {} },
      dataset: { id: 'x', splitHash: 'y' },
      position: { epoch: 1, offset: 2 },
      // The words of a seed below 2³², as in JAX.
      key: [0, 7],
    });
  });
});
