import { firstPosition, type NormStats, type Samples, samplesOf } from '@torsor/data';
import { type Pictures, pi0Sequences } from '@torsor/policy';
import { foldIn, key, normal, permutation } from '@torsor/random';
import { flatten } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import {
  evaluationBatch,
  evaluationRows,
  modelSpaceOf,
  policySource,
  sourceOf,
  trainingBatch,
} from '../../src/batches/batches.js';
import { letterTokenizer } from '../letter-tokenizer.js';
import { colours, recordedDataset, seeingDataset } from '../recorded-dataset.js';
import { done, right } from '../right.js';
import { scalePolicy } from '../scale-policy.js';

const plain = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
const stats: NormStats = { state: plain, actions: plain };
const nothing: Pictures = { features: {}, absent: [], size: [2, 2], augment: null };
const seen: Pictures = { ...nothing, features: { base: 'top' }, augment: 'full' };
const seed = 9;
const policy = scalePolicy({ options: [], requests: [] });

const source = (samples: Samples, pictures = nothing, deltaActionMask: readonly boolean[] | null = null) =>
  sourceOf(samples, stats, pi0Sequences(letterTokenizer, { maxTokenLen: 48 }), pictures, colours, policy.sizes, {
    data: { normMode: 'mean_std', deltaActionMask, adaptToPi: false },
    seed,
  });

const samples = right(samplesOf(recordedDataset([4, 3]), [0, 1]));
const names = ['0:0', '0:1', '0:2', '0:3', '1:0', '1:1', '1:2'];

/** The order of an epoch, by the second word of stream 1 of the run's seed. */
const order = (epoch: number): readonly number[] => [...permutation(foldIn(key(foldIn(key(seed), 1)[1]), epoch), 7)];

const rounded = (values: ArrayLike<number>): readonly number[] => Array.from(values, (x) => Math.round(100 * x) / 100);

describe('policySource', async () => {
  it('goes through the epochs in their orders, batch by batch, and names its samples', async () => {
    const next = policySource(source(samples), policy, 3);
    const visited: string[] = [];
    let position = firstPosition;
    for (let step = 0; step < 5; step++) {
      const batch = await done(next({ step, position }));
      expect(batch.size).toBe(3);
      visited.push(...batch.samples());
      position = batch.position;
    }
    const expected = [0, 1, 2].flatMap(order).slice(0, 15);
    expect(visited).toEqual(expected.map((sample) => names[sample]));
    expect(position).toEqual({ epoch: 2, offset: 1 });
  });

  it('gives the tensors of the model: actions padded to its width, noise from the key of the step', async () => {
    const { inputs } = await done(policySource(source(samples), policy, 2)({ step: 5, position: firstPosition }));
    const tensors = Object.fromEntries(flatten(inputs).map(({ path, leaf }) => [path, leaf.data]));
    const actions = order(0)
      .slice(0, 2)
      .flatMap((sample) => {
        const [e, t, last] = sample < 4 ? [0, sample, 3] : [1, sample - 4, 2];
        const then = Math.min(t + 1, last);
        return [t + 1, 2 * e - t, 0, then + 1, 2 * e - then, 0];
      });
    expect(Object.keys(tensors)).toEqual(['actions', 'noise']);
    expect(rounded(tensors['actions'] ?? [])).toEqual(actions);
    // Of updates is stream 2, of the noise of a batch stream 0: docs/design.md.
    expect(tensors['noise']).toEqual(normal(foldIn(foldIn(foldIn(key(seed), 2), 5), 0), 12));
  });

  it('calls arrays of another size than the model says a defect', async () => {
    const wide = { ...source(samples), actionHorizon: 3 };
    expect(await policySource(wide, policy, 2)({ step: 0, position: firstPosition })()).toMatchObject({
      left: { _tag: 'Defect', reason: expect.stringContaining('18') },
    });
  });

  it('is refused with what the data refuses', async () => {
    const none = { ...source(samples), actionHorizon: 0 };
    expect(await policySource(none, policy, 2)({ step: 0, position: firstPosition })()).toMatchObject({
      left: { _tag: 'Data', error: { _tag: 'ShapeMismatch' } },
    });
  });
});

describe('trainingBatch', async () => {
  const seeing = right(samplesOf(seeingDataset([4]), [0]));

  it('has pictures, and what varies them, where they are varied', async () => {
    const { inputs } = await done(trainingBatch(source(seeing, seen), { step: 1, position: firstPosition }, 2));
    expect(Object.keys(inputs.images)).toEqual(['base']);
    expect(inputs.images['base']).toHaveLength(2 * 2 * 2 * 3);
    expect(flatten(inputs.augmentation ?? {}).map(({ path }) => path)).toContain('jitter/base/hue');
    const still = await done(
      trainingBatch(source(seeing, { ...seen, augment: null }), { step: 1, position: firstPosition }, 2),
    );
    expect(still.inputs).not.toHaveProperty('augmentation');
  });

  it('is refused where a camera was not read', async () => {
    const other = { ...seen, features: { base: 'tail' } };
    expect(await trainingBatch(source(seeing, other), { step: 1, position: firstPosition }, 2)()).toMatchObject({
      left: { _tag: 'Data', error: { _tag: 'UnknownPictures' } },
    });
  });

  it('has motions where actions are', async () => {
    const { inputs, recorded } = await done(
      trainingBatch(source(samples, nothing, [true, true]), { step: 0, position: firstPosition }, 1),
    );
    const [shoulder = 0, elbow = 0] = recorded.state;
    expect(rounded(inputs.actions)).toEqual(
      rounded(
        [0, 1].flatMap((h) => [
          (recorded.actions[2 * h] ?? 0) - shoulder,
          (recorded.actions[2 * h + 1] ?? 0) - elbow,
          0,
        ]),
      ),
    );
  });
});

describe('evaluationBatch', async () => {
  it('draws the noise and time of each sample from its own key, and varies no pictures', async () => {
    const seeing = right(samplesOf(seeingDataset([4]), [0]));
    const { inputs, recorded } = await done(evaluationBatch(source(seeing, seen), { indices: [3, 1], real: 1 }));
    const noiseOf = (sample: number) => normal(foldIn(foldIn(foldIn(key(seed), 3), sample), 0), 6);
    expect(inputs.noise).toEqual(Float32Array.from([...noiseOf(3), ...noiseOf(1)]));
    expect(inputs).not.toHaveProperty('augmentation');
    expect([...recorded.frameIndex]).toEqual([3, 1]);
  });
});

describe('evaluationRows', () => {
  it.each([
    [
      10,
      3,
      2,
      [
        [1, 5],
        [8, 8],
      ],
      [2, 1],
    ],
    [
      3,
      null,
      2,
      [
        [0, 1],
        [2, 2],
      ],
      [2, 1],
    ],
    [3, 9, 3, [[0, 1, 2]], [3]],
    [0, null, 2, [], []],
  ])('of %i samples %j in batches of %i', (count, wanted, batchSize, indices, real) => {
    const rows = evaluationRows(count, wanted, batchSize);
    expect(rows.map((row) => row.indices)).toEqual(indices);
    expect(rows.map((row) => row.real)).toEqual(real);
  });
});

it('a space has what the settings of the data say', () => {
  const mask = [true, false];
  expect(modelSpaceOf(stats, { normMode: 'quantile', deltaActionMask: mask, adaptToPi: true }, 14)).toEqual({
    stats,
    normMode: 'quantile',
    deltaActionMask: mask,
    adaptToPi: true,
    actionDim: 14,
  });
});
