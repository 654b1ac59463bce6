import { type NormStats, samplesOf } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fitCodec, trainingChunks } from '../../src/dataset/fit-codec.js';
import { recordedDataset } from '../recorded-dataset.js';
import { right } from '../right.js';

/** Doubles the distance from 1 of both joints. */
const stats: NormStats = {
  state: { mean: [0, 0], std: [1, 1], q01: null, q99: null },
  actions: { mean: [1, 1], std: [0.5, 0.5], q01: null, q99: null },
};

const settings = (deltaActionMask: readonly boolean[] | null = null) => ({
  model: { actionDim: 6, actionHorizon: 2 },
  data: { normMode: 'mean_std', deltaActionMask, adaptToPi: false } as const,
});

const samples = (lengths: readonly number[], episodes: readonly number[]) =>
  right(samplesOf(recordedDataset(lengths), episodes));

const rounded = (values: ArrayLike<number>): readonly number[] => Array.from(values, (x) => Math.round(100 * x) / 100);

describe('trainingChunks', () => {
  it('are the windows of the samples, normalized and not padded', () => {
    const chunks = right(trainingChunks(settings(), samples([9, 3], [1]), stats));
    // Actions (t + 1, 2 − t) of three frames, the last again at the end.
    expect(chunks.map(({ shape, data }) => [shape, rounded(data)])).toEqual([
      [
        [2, 2],
        [0, 2, 2, 0],
      ],
      [
        [2, 2],
        [2, 0, 4, -2],
      ],
      [
        [2, 2],
        [4, -2, 4, -2],
      ],
    ]);
  });

  it('are motions where actions are', () => {
    const [first] = right(trainingChunks(settings([true, false]), samples([9, 3], [1]), stats));
    // The shoulder from its state 0: 1 and 2; at frame 1 from 1: 1 and 2 again.
    expect(rounded(first?.data ?? [])).toEqual([0, 2, 2, 0]);
    const [, second] = right(trainingChunks(settings([true, false]), samples([9, 3], [1]), stats));
    expect(rounded(second?.data ?? [])).toEqual([0, 0, 2, -2]);
  });

  it('are all of more than are gathered at a time', () => {
    const chunks = right(trainingChunks(settings(), samples([300], [0]), stats));
    expect(chunks).toHaveLength(300);
    expect(rounded(chunks[299]?.data ?? [])).toEqual([598, -600, 598, -600]);
  });

  it('are refused with what the data refuses', () => {
    const none = { ...settings(), model: { actionDim: 6, actionHorizon: 0 } };
    expect(trainingChunks(none, samples([3], [0]), stats)).toMatchObject({ left: { _tag: 'Data' } });
    const quantile = {
      ...settings(),
      data: { normMode: 'quantile', deltaActionMask: null, adaptToPi: false } as const,
    };
    expect(trainingChunks(quantile, samples([3], [0]), stats)).toMatchObject({ left: { _tag: 'Transform' } });
  });
});

describe('fitCodec', () => {
  const tokens = { path: null, scale: 10, vocabSize: 300, onOutOfRange: 'refuse' } as const;

  it('is fitted on the chunks: each comes back from its tokens', () => {
    const train = samples([12], [0]);
    const { tokenizer, files } = right(fitCodec(settings(), tokens, { train, stats }));
    for (const chunk of right(trainingChunks(settings(), train, stats))) {
      const found = right(tokenizer.decode(right(tokenizer.encode(chunk)), chunk.shape));
      for (const [i, value] of found.data.entries()) expect(Math.abs(value - (chunk.data[i] ?? 9))).toBeLessThan(0.1);
    }
    expect(tokenizer.vocabSize).toBeLessThanOrEqual(300);
    expect(JSON.parse(files['processor_config.json'])).toMatchObject({ scale: 10, vocab_size: 300 });
  });

  it('refuses or clamps other motions, as its settings say', () => {
    const train = samples([4], [0]);
    const far = { shape: [2, 2] as const, data: Float32Array.of(1e4, -1e4, 1e4, 1e4) };
    const codec = (onOutOfRange: 'refuse' | 'clamp') =>
      right(fitCodec(settings(), { ...tokens, onOutOfRange }, { train, stats })).tokenizer;
    expect(E.isLeft(codec('refuse').encode(far))).toBe(true);
    expect(right(codec('clamp').encodeCounted(far)).clamped).toBeGreaterThan(0);
  });

  it('is refused with what the data or the tokenizer refuses', () => {
    const train = samples([4], [0]);
    expect(fitCodec(settings(), { ...tokens, scale: -1 }, { train, stats })).toMatchObject({
      left: { _tag: 'Tokenizer' },
    });
    const none = { ...settings(), model: { actionDim: 6, actionHorizon: 0 } };
    expect(fitCodec(none, tokens, { train, stats })).toMatchObject({ left: { _tag: 'Data' } });
  });
});
