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
        videos: new Map(),
        gaps: [],
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

  it('reads times in float64, and rows without numbers of frames, as meta/info.json says', async () => {
    const episode = { ...smallEpisode(), timeType: 'DOUBLE', columns: { frame_index: null } } as const;
    const files = filesOf([episode]);
    const info = JSON.parse(String(files['meta/info.json']));
    info.features.timestamp.dtype = 'float64';
    delete info.features.frame_index;
    const read = right(await readDataset(onDisk({ ...files, 'meta/info.json': JSON.stringify(info) }))());
    expect(read.episodes[0]?.timestamp).toEqual(Float32Array.of(0, 0.1, 0.2));
    expect(read.episodes[0]?.state).toEqual(Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5));
  });

  it('reads version 2.0 as 2.1: they differ in statistics that training computes itself', async () => {
    const files = filesOf(two);
    const older = String(files['meta/info.json']).replace('v2.1', 'v2.0');
    const [v21, v20] = [files, { ...files, 'meta/info.json': older }].map((all) => readDataset(onDisk(all))());
    expect(right(await (v20 ?? expect.fail())).episodes).toEqual(right(await (v21 ?? expect.fail())).episodes);
  });

  it("says which labels of joints are not the dataset's own", async () => {
    const names = { 'observation.state': { dtype: 'float32', shape: [2], names: ['state'] } };
    const { notes, stateNames } = right(await readDataset(onDisk(filesOf(two, names)))());
    expect(stateNames).toEqual(['observation.state[0]', 'observation.state[1]']);
    expect(notes).toEqual([
      'meta/info.json gives the 2 dimensions of observation.state 1 names (["state"]): they are called observation.state[0] to observation.state[1]',
    ]);
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
