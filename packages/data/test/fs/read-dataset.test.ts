import { describe, expect, it } from 'vitest';
import { readDataset } from '../../src/fs/read-dataset.js';
import { sampleDatasetPath } from '../../src/fs/sample.js';
import { filesOf, onDisk, smallEpisode } from '../dataset-on-disk.js';
import { right } from '../right.js';

const two = [smallEpisode(0), { ...smallEpisode(10, 5), task: 1 }];

describe('readDataset', () => {
  it('reads states, actions, tasks and times of every episode', async () => {
    const root = onDisk(filesOf(two));
    const dataset = right(await readDataset(root)());
    expect(dataset).toMatchObject({ root, fps: 10, robotType: 'testbot', cameras: [] });
    expect(dataset.stateNames).toEqual(['observation.state[0]', 'observation.state[1]']);
    expect(dataset.tasks).toEqual(
      new Map([
        [0, 'pick'],
        [1, 'place'],
      ]),
    );
    expect(dataset.episodes).toEqual([
      {
        index: 0,
        length: 3,
        tasks: ['pick'],
        state: Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5),
        action: Float32Array.of(-0, 0.25, -1, 1.25, -2, 2.25),
        taskIndex: Int32Array.of(0, 0, 0),
        timestamp: Float32Array.of(0, 0.1, 0.2),
        pictures: new Map(),
      },
      expect.objectContaining({ index: 1, length: 5, tasks: ['place'], taskIndex: Int32Array.of(1, 1, 1, 1, 1) }),
    ]);
  });

  it('a selection is what reading all and selecting gives', async () => {
    const root = onDisk(filesOf(two));
    const all = right(await readDataset(root)());
    const some = right(await readDataset(root, { episodes: [1] })());
    expect(some.episodes).toEqual(all.episodes.slice(1));
  });

  it('reads float64 states into float32', async () => {
    const episode = { ...smallEpisode(), stateType: 'DOUBLE' } as const;
    const wide = { dtype: 'float64', shape: [2], names: ['a', 'b'] };
    const dataset = right(await readDataset(onDisk(filesOf([episode], { 'observation.state': wide })))());
    expect(dataset.episodes[0]?.state).toEqual(Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5));
  });

  it('trains without a camera that has no videos, when told to', async () => {
    const dataset = right(
      await readDataset(sampleDatasetPath(), { withoutCameras: ['observation.images.cam_high'] })(),
    );
    expect(dataset.cameras).toEqual([]);
    expect(dataset.episodes.map((episode) => episode.index)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(dataset.episodes.reduce((sum, episode) => sum + episode.length, 0)).toBe(14_296);
    expect([dataset.stateNames[0], dataset.actionNames[25]]).toEqual(['kLeftShoulderPitch', 'kRightHandThumbRotation']);
  });

  it('keeps a camera whose videos exist', async () => {
    const camera = {
      'observation.images.top': { dtype: 'video', shape: [4, 4, 3], names: ['height', 'width', 'channel'] },
    };
    const files = filesOf([smallEpisode()], camera);
    files['videos/chunk-000/observation.images.top/episode_000000.mp4'] = '';
    expect(right(await readDataset(onDisk(files))()).cameras).toEqual(['observation.images.top']);
  });
});
