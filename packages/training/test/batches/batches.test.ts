import { readDataset, sampleDatasetPath } from '@torsor/data';
import { pi0Sequences, picturesOf } from '@torsor/policy';
import { embeddedTokenizer } from '@torsor/tokenizer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationBatch, evaluationRows, type SampleSource, trainingBatch } from '../../src/batches/batches.js';
import { prepareData } from '../../src/dataset/training-data.js';
import { firstHostState } from '../../src/loop/host-state.js';
import { colours } from '../recorded-dataset.js';
import { done, right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const config = tinySettings(tinyModel('pi0', { actionHorizon: 3 }));

const sources = (async (): Promise<{ train: SampleSource; heldOut: SampleSource; width: number }> => {
  const episodes = [0, 1, 2, 3, 4];
  const dataset = right(await readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes })());
  const data = right(prepareData(dataset, config));
  const { actionDim, actionHorizon, maxTokenLen } = config.model;
  const { deltaActionMask, normMode } = config.data;
  const common = {
    space: { stats: data.stats, normMode, deltaActionMask, adaptToPi: false, actionDim },
    encode: pi0Sequences(right(embeddedTokenizer()), { maxTokenLen }),
    pictures: picturesOf(config),
    read: colours,
    actionHorizon,
    seed: config.seed,
  };
  return {
    train: { ...common, samples: data.train },
    heldOut: { ...common, samples: data.heldOut ?? expect.fail() },
    width: dataset.actionNames.length,
  };
})();

describe('training batches', () => {
  it('are the same from a stored step and position, and differ from step to step', async () => {
    const { train } = await sources;
    const first = await done(trainingBatch(train, firstHostState, 4));
    const second = await done(trainingBatch(train, { step: 1, position: first.position }, 4));
    expect(await done(trainingBatch(train, { step: 1, position: first.position }, 4))).toEqual(second);
    expect(second.inputs.noise).not.toEqual(first.inputs.noise);
    expect(second.inputs.state).not.toEqual(first.inputs.state);
  });

  it('have the shapes of the model, zeros in its padding, and the prompt as tokens', async () => {
    const { train, width } = await sources;
    const { inputs, recorded } = await done(trainingBatch(train, firstHostState, 4));
    const { actionDim: ad, actionHorizon: ah, maxTokenLen: l } = config.model;
    const lengths = Object.fromEntries(
      Object.entries(inputs).flatMap(([name, values]) => ('length' in values ? [[name, values.length]] : [])),
    );
    expect(inputs.images).toEqual({});
    expect(lengths).toEqual({
      state: 4 * ad,
      actions: 4 * ah * ad,
      noise: 4 * ah * ad,
      time: 4,
      tokens: 4 * l,
      tokenMask: 4 * l,
      tokenArMask: 4 * l,
      tokenLossMask: 4 * l,
      truncated: 4,
      actionIsPad: 4 * ah,
    });
    expect(inputs.actionIsPad).toEqual(recorded.actionIsPad);
    expect(inputs.actions.every((x, i) => i % ad < width || x === 0)).toBe(true);
    expect(inputs.tokens.every((token, i) => token === 0 || inputs.tokenMask[i] === 1)).toBe(true);
  });

  it('are normalized: mean near 0 and variance near 1 over the training frames', async () => {
    const { train, width } = await sources;
    const all = await done(trainingBatch(train, firstHostState, train.samples.count));
    const first = all.inputs.state.filter((_, i) => i % config.model.actionDim < width);
    const mean = first.reduce((sum, x) => sum + x, 0) / first.length;
    const variance = first.reduce((sum, x) => sum + x * x, 0) / first.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(variance).toBeCloseTo(1, 2);
  });
});

describe('evaluation', () => {
  it('rows: distinct, ascending, full batches', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.option(fc.integer({ min: 1, max: 250 })),
        fc.integer({ min: 1, max: 9 }),
        (count, wanted, b) => {
          const batches = evaluationRows(count, wanted, b);
          const real = batches.flatMap((batch) => batch.indices.slice(0, batch.real));
          expect(real).toEqual([...new Set(real)].toSorted((x, y) => x - y));
          expect(real.length).toBe(Math.min(count, wanted ?? count));
          expect(batches.every((batch) => batch.indices.length === b && batch.real >= 1)).toBe(true);
          expect(real.every((index) => index >= 0 && index < Math.max(1, count))).toBe(true);
        },
      ),
    );
  });

  it('a sample has the same row in every batch', async () => {
    const { heldOut } = await sources;
    const both = (await done(evaluationBatch(heldOut, { indices: [5, 9], real: 2 }))).inputs;
    const swapped = (await done(evaluationBatch(heldOut, { indices: [9, 5], real: 2 }))).inputs;
    for (const name of ['state', 'actions', 'noise', 'time', 'tokens', 'tokenMask'] as const) {
      const half = both[name].length / 2;
      expect(swapped[name].slice(half)).toEqual(both[name].slice(0, half));
      expect(swapped[name].slice(0, half)).toEqual(both[name].slice(half));
    }
  });

  it('a prompt that does not fit is refused', async () => {
    const { heldOut } = await sources;
    const encode = pi0Sequences(right(embeddedTokenizer()), { maxTokenLen: 2 });
    const refused = await evaluationBatch({ ...heldOut, encode }, { indices: [0], real: 1 })();
    expect(refused).toMatchObject({
      left: { _tag: 'Transform', error: { _tag: 'TokenizerRefused', reason: expect.stringContaining('2') } },
    });
  });
});
