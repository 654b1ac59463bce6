import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { computeNormStats, gatherBatch, readDataset, samplesOf } from '../../src/index.js';
import { right } from '../right.js';

// Expected values: LeRobot 0.3.3's own loader and numpy, see fixtures/lerobot/ORIGIN.md.
const fixtures = fileURLToPath(new URL('../../fixtures/lerobot', import.meta.url));

type Frame = {
  readonly episode: number;
  readonly frame: number;
  readonly index: number;
  readonly timestamp: number;
  readonly task: string;
  readonly 'observation.state': readonly number[];
  readonly action: readonly number[];
};

type Window = {
  readonly index: number;
  readonly episode: number;
  readonly frame: number;
  readonly action: readonly (readonly number[])[];
  readonly action_is_pad: readonly boolean[];
};

type Expected = {
  readonly episode_lengths: readonly number[];
  readonly samples: readonly Frame[];
  readonly delta_timestamps: { readonly windows: readonly Window[] };
  readonly stats: Readonly<
    Record<
      'observation.state' | 'action',
      Readonly<Record<'mean' | 'std' | 'q01' | 'q99' | 'min' | 'max', readonly number[]>>
    >
  >;
};

const expected: Expected = JSON.parse(readFileSync(join(fixtures, 'v21-video.expected.json'), 'utf8'));
const dataset = right(await readDataset(join(fixtures, 'v21-video'), { withoutCameras: 'all' })());
const samples = right(samplesOf(dataset));

describe('a dataset written by LeRobot 0.3.3', () => {
  it('has its episodes and names', () => {
    expect(dataset.episodes.map((episode) => episode.length)).toEqual(expected.episode_lengths);
    expect(dataset.stateNames[5]).toBe('gripper.pos');
  });

  it.each(expected.samples.map((frame) => [frame.episode, frame.frame, frame] as const))(
    'episode %d, frame %d',
    (_, __, frame) => {
      const batch = right(gatherBatch(samples, { actionHorizon: 1 }, [frame.index]));
      expect([...batch.state]).toEqual(frame['observation.state']);
      expect([...batch.actions]).toEqual(frame.action);
      expect(batch.prompts).toEqual([frame.task]);
      expect([batch.episodeIndex[0], batch.frameIndex[0]]).toEqual([frame.episode, frame.frame]);
      expect(dataset.episodes[frame.episode]?.timestamp[frame.frame]).toBe(frame.timestamp);
    },
  );

  it('windows and padding', () => {
    const { windows } = expected.delta_timestamps;
    const horizon = windows[0]?.action.length ?? 0;
    const batch = right(
      gatherBatch(
        samples,
        { actionHorizon: horizon },
        windows.map((window) => window.index),
      ),
    );
    expect([...batch.actions]).toEqual(windows.flatMap((window) => window.action.flat()));
    expect([...batch.actionIsPad].map(Boolean)).toEqual(windows.flatMap((window) => window.action_is_pad));
  });

  it('mean and std of single frames are numpy’s, percentiles within a bin and the neighbouring order statistics', () => {
    const stats = right(computeNormStats(dataset, [0, 1, 2], { actionHorizon: 1 }));
    for (const [found, numpy] of [
      [stats.state, expected.stats['observation.state']],
      [stats.actions, expected.stats.action],
    ] as const) {
      found.mean.forEach((mean, i) => {
        expect(mean).toBeCloseTo(numpy.mean[i] ?? Number.NaN, 9);
      });
      found.std.forEach((std, i) => {
        expect(std).toBeCloseTo(numpy.std[i] ?? Number.NaN, 9);
      });
      // With 92 frames numpy interpolates between the first two values; the histogram takes one of them, less a bin.
      found.q01?.forEach((q01, i) => {
        const low = numpy.min[i] ?? 0;
        const bin = ((numpy.max[i] ?? 0) - low) / 5000;
        expect(q01).toBeGreaterThanOrEqual(low - bin);
        expect(q01).toBeLessThanOrEqual((numpy.q01[i] ?? 0) + bin);
      });
    }
  });
});
