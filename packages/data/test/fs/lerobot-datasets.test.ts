import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../src/index.js';
import { right } from '../right.js';

const folder = (name: string): string => fileURLToPath(new URL(`../../fixtures/lerobot/${name}`, import.meta.url));

/** What LeRobot's own loader returned, which the README of the fixtures describes. */
type Expected = {
  readonly fps: number;
  readonly robot_type: string;
  readonly episode_lengths: readonly number[];
  readonly tasks_by_index: { readonly [index: string]: string };
  readonly samples: readonly {
    readonly episode: number;
    readonly frame: number;
    readonly timestamp: number;
    readonly task: string;
    readonly 'observation.state': readonly number[];
    readonly action: readonly number[];
  }[];
};

const expectedOf = (name: string): Expected => JSON.parse(readFileSync(`${folder(name)}.expected.json`, 'utf8'));

const names = ['v21-video', 'v3-h264', 'v3-images', 'v3-lerobot061', 'v3-rollover', 'v3-tworobots'];

describe.each(names)('%s', (name) => {
  const expected = expectedOf(name);

  it("has the episodes, tasks, states, actions and times of LeRobot's own loader", async () => {
    const dataset = right(await readDataset(folder(name), { withoutCameras: 'all' })());
    expect(dataset.fps).toBe(expected.fps);
    expect(dataset.robotType).toBe(expected.robot_type);
    expect(dataset.episodes.map(({ index }) => index)).toEqual(expected.episode_lengths.map((_, i) => i));
    expect(dataset.episodes.map(({ length }) => length)).toEqual(expected.episode_lengths);
    const tasks = Object.entries(expected.tasks_by_index).map(([index, task]) => [Number(index), task]);
    expect([...dataset.tasks]).toEqual(tasks);
    for (const { episode, frame, timestamp, task, action, 'observation.state': state } of expected.samples) {
      const { state: states, action: actions, ...read } = dataset.episodes[episode] ?? expect.fail();
      const row = (values: Float32Array, width: number) => [...values.subarray(frame * width, (frame + 1) * width)];
      expect(row(states, state.length)).toEqual(state);
      expect(row(actions, action.length)).toEqual(action);
      expect(read.timestamp[frame]).toBe(Math.fround(timestamp));
      expect(dataset.tasks.get(read.taskIndex[frame] ?? -1)).toBe(task);
    }
  });

  it('reads a selection of episodes as it reads all', async () => {
    const all = right(await readDataset(folder(name), { withoutCameras: 'all' })());
    const last = all.episodes.length - 1;
    const some = right(await readDataset(folder(name), { withoutCameras: 'all', episodes: [last, 0] })());
    expect(some.episodes).toEqual([all.episodes[0], all.episodes[last]]);
  });
});

describe('the videos of an episode', () => {
  const front = 'observation.images.front';

  it('are where the metadata places them, in files that exist', async () => {
    const { root, episodes } = right(await readDataset(folder('v3-rollover'))());
    const files = episodes.flatMap(({ videos }) => [...videos.values()].map(({ file }) => file));
    expect(files.every((file) => existsSync(`${root}/${file}`))).toBe(true);
    expect(new Set(files).size).toBe(8);
    for (const { videos, length } of episodes) {
      const { from = 0, to } = videos.get(front) ?? {};
      expect((to ?? 0) - from).toBeCloseTo(length / 20, 6);
    }
  });

  it('begin their own file in v2.1', async () => {
    const { episodes } = right(
      await readDataset(folder('v21-video'), { withoutCameras: ['observation.images.wrist'] })(),
    );
    const file = `videos/chunk-000/${front}/episode_000001.mp4`;
    expect(episodes[1]?.videos).toEqual(new Map([[front, { file, from: 0, to: null }]]));
  });

  it('are left out with their cameras', async () => {
    const { episodes } = right(await readDataset(folder('v3-h264'), { withoutCameras: 'all' })());
    expect(episodes.every(({ videos }) => videos.size === 0)).toBe(true);
  });
});
