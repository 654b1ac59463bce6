import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { runChecks } from '../../src/check.js';
import { time } from '../../src/checks/time.js';
import { episodesOf, type Recording, subjectOf } from '../recordings.js';

const found = (recording: Recording) => runChecks([time], subjectOf(recording), episodesOf(recording));

it('finds nothing in steady timestamps, at any rate, however long', () => {
  const rates = fc.constantFrom(1, 3, 5, 10, 15, 20, 25, 29.97, 30, 50, 60, 100);
  fc.assert(
    fc.property(rates, fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 }), (fps, lengths) => {
      expect(found({ fps, lengths })).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

it('finds nothing in a clock that trembles by half a step', () => {
  const offset = fc.double({ min: -0.24, max: 0.24, noNaN: true });
  fc.assert(
    fc.property(fc.array(offset, { minLength: 50, maxLength: 50 }), (offsets) => {
      expect(found({ lengths: [50], time: (frame) => (frame + (offsets[frame] ?? 0)) / 10 })).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

it('names a gap of 11 s by episode, frame and size', () => {
  const gap = found({ time: (frame, episode) => frame / 10 + (episode === 1 && frame > 30 ? 11 : 0) });
  expect(gap).toEqual([
    {
      _tag: 'TimeGap',
      severity: 'warning',
      where: { episode: 1, frame: 30 },
      numbers: { seconds: expect.closeTo(11.1, 5), expectedSeconds: 0.1, gaps: 1, episodes: 1 },
      episodes: [1],
      message:
        '11.1 s pass to the next frame, where fps = 10 says 0.1 s; windows of actions end there where more than five frames are missing. It is the only gap.',
      remedy: 'data.excludeEpisodes=[1], or split the episode there',
    },
  ]);
});

it('counts gaps and names the longest', () => {
  const [gap] = found({ time: (frame, episode) => frame / 10 + (frame > 10 + episode ? 1 + episode : 0) });
  expect(gap).toMatchObject({ where: { episode: 2, frame: 12 }, episodes: [0, 1, 2], numbers: { gaps: 3 } });
});

it('lets one lost frame pass, and not three', () => {
  const lost = (frames: number) => found({ time: (frame) => (frame + (frame > 20 ? frames : 0)) / 10 });
  expect(lost(1)).toEqual([]);
  expect(lost(3)).toMatchObject([{ _tag: 'TimeGap', where: { episode: 0, frame: 20 } }]);
});

it('names time that goes back, and time that stands still', () => {
  expect(found({ time: (frame, episode) => (episode === 2 && frame >= 40 ? frame - 40 : frame) / 10 })).toMatchObject([
    { _tag: 'TimeRestart', where: { episode: 2, frame: 39 }, numbers: { restarts: 1 }, episodes: [2] },
  ]);
  expect(found({ lengths: [30], time: (frame) => Math.min(frame, 28) / 10 })).toMatchObject([
    { _tag: 'TimeRestart', where: { episode: 0, frame: 28 }, numbers: { seconds: 0 } },
  ]);
});

it('names a rate that is not fps, once and not as gaps', () => {
  expect(found({ fps: 30, time: (frame) => frame / 5 })).toMatchObject([
    { _tag: 'WrongFps', numbers: { fps: 30, measuredFps: expect.closeTo(5, 4) } },
  ]);
});
