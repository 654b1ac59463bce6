import type { Description, EpisodeRecord } from '@torsor/data';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type VideoFacts, videoFiles, videoFindings } from '../src/videos.js';
import { datasetOf } from './recordings.js';

const camera = 'observation.images.top';

const facts = (frames: number, more: Partial<VideoFacts> = {}): E.Either<string, VideoFacts> =>
  E.right({ codec: 'h264', width: 64, height: 48, fps: 10, frames, duration: frames / 10, ...more });

const described = (lengths: readonly number[], videos: readonly EpisodeRecord['videos'][]): Description => ({
  info: datasetOf({ fps: 10 }).info,
  records: lengths.map((length, index) => ({
    ...{ index, length, tasks: ['pick'] },
    rows: { file: '', first: 0, ofFile: length },
    videos: videos[index] ?? new Map(),
  })),
  tasks: new Map(),
});

const fileOf = (index: number): string => `videos/${index}.mp4`;

/** A video for each episode, as version 2 has them. */
const apart = (lengths: readonly number[]): Description =>
  described(
    lengths,
    lengths.map((_, i) => new Map([[camera, { file: fileOf(i), from: 0, to: null }]])),
  );

/** Episodes one after another in one video, as version 3 has them. */
const joined = (lengths: readonly number[]): Description => {
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, n) => sum + n, 0));
  return described(
    lengths,
    lengths.map((n, i) => {
      const from = starts[i] ?? 0;
      return new Map([[camera, { file: fileOf(0), from: from / 10, to: (from + n) / 10 }]]);
    }),
  );
};

const lengths = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 30 });

describe('videos as long as their tables', () => {
  it('are no finding, each for itself', () => {
    fc.assert(
      fc.property(lengths, (all) => {
        const known = new Map(all.map((n, i) => [fileOf(i), facts(n)] as const));
        expect(videoFindings(apart(all), [camera], known)).toEqual([]);
      }),
    );
  });

  it('are no finding, one after another', () => {
    fc.assert(
      fc.property(lengths, (all) => {
        const total = all.reduce((sum, n) => sum + n, 0);
        expect(videoFindings(joined(all), [camera], new Map([[fileOf(0), facts(total)]]))).toEqual([]);
      }),
    );
  });
});

it('names the episodes whose frames a video lacks', () => {
  const [short] = videoFindings(joined([30, 30, 30]), [camera], new Map([[fileOf(0), facts(65)]]));
  expect(short).toMatchObject({
    _tag: 'VideoLength',
    severity: 'error',
    where: { file: fileOf(0), feature: camera },
    numbers: { frames: 65, tableFrames: 90 },
    episodes: [2],
  });
});

it('warns of a video that is longer than its episode', () => {
  const known = new Map([
    [fileOf(0), facts(30)],
    [fileOf(1), facts(33)],
  ]);
  expect(videoFindings(apart([30, 30]), [camera], known)).toMatchObject([
    { _tag: 'VideoLength', severity: 'warning', where: { file: fileOf(1) } },
  ]);
});

it('notes videos of one camera in several codecs', () => {
  const known = new Map([
    [fileOf(0), facts(30)],
    [fileOf(1), facts(30, { codec: 'av1' })],
  ]);
  expect(videoFindings(apart([30, 30]), [camera], known)).toMatchObject([
    { _tag: 'VideoCodecs', severity: 'note', message: 'videos of one camera have several codecs: h264, av1.' },
  ]);
});

it('looks at no camera that is left out', () => {
  expect(videoFiles(apart([30, 30]).records, [])).toEqual([]);
  expect(videoFindings(apart([30]), [], new Map([[fileOf(0), facts(1)]]))).toEqual([]);
});
