import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherBatch } from '../../src/sampling/batch.js';
import { samplesOf } from '../../src/sampling/samples.js';
import { datasetOf, episodeOf } from '../memory-dataset.js';
import { left, right } from '../right.js';

/** Action of frame f of episode e is [100 e + f, -f]; its state is [f]. */
const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
const numbered = (sizes: readonly number[]) =>
  datasetOf(
    sizes.map((size, e) => {
      const frames = Array.from({ length: size }, (_, f) => f);
      return episodeOf(
        e,
        size,
        frames,
        frames.flatMap((f) => [100 * e + f, 0 - f]),
      );
    }),
  );

describe('gatherBatch', () => {
  it('row h of a window is the action of frame min(frame + h, last), and padding is where that clamps', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 15 }), (sizes, actionHorizon) => {
        const samples = right(samplesOf(numbered(sizes)));
        const all = Array.from({ length: samples.count }, (_, i) => i);
        const batch = right(gatherBatch(samples, { actionHorizon }, all));
        const frames = sizes.flatMap((size, e) => Array.from({ length: size }, (_, f) => ({ e, f, size })));
        const offsets = Array.from({ length: actionHorizon }, (_, h) => h);
        const clamped = frames.flatMap(({ e, f, size }) =>
          offsets.map((h) => ({ e, at: Math.min(f + h, size - 1), pad: f + h >= size })),
        );
        expect([...batch.actions]).toEqual(clamped.flatMap(({ e, at }) => [100 * e + at, 0 - at]));
        expect([...batch.actionIsPad].map(Boolean)).toEqual(clamped.map(({ pad }) => pad));
        expect([...batch.state]).toEqual(frames.map(({ f }) => f));
        expect([...batch.frameIndex]).toEqual(frames.map(({ f }) => f));
        expect([...batch.episodeIndex]).toEqual(frames.map(({ e }) => e));
        expect(batch.prompts).toEqual(frames.map(() => 'pick'));
      }),
    );
  });

  it('samples of some episodes only', () => {
    const samples = right(samplesOf(numbered([2, 3, 4]), [2, 0]));
    expect([...right(gatherBatch(samples, { actionHorizon: 1 }, [0, 3, 4, 5])).episodeIndex]).toEqual([2, 2, 0, 0]);
  });

  it.each([-1, 2, 0.5, Number.NaN])('refuses sample %d', (index) => {
    const samples = right(samplesOf(numbered([2])));
    expect(left(gatherBatch(samples, { actionHorizon: 1 }, [index]))).toEqual({
      _tag: 'SampleOutOfRange',
      index,
      samples: 2,
    });
  });

  it('refuses a horizon of 0, an unknown episode and an empty selection', () => {
    const dataset = numbered([2]);
    expect(left(gatherBatch(right(samplesOf(dataset)), { actionHorizon: 0 }, [0]))).toMatchObject({
      _tag: 'ShapeMismatch',
    });
    expect(left(samplesOf(dataset, [3]))).toEqual({ _tag: 'UnknownEpisode', episode: 3, available: 1 });
    expect(left(samplesOf(dataset, []))).toMatchObject({ _tag: 'EmptyDataset' });
  });
});
