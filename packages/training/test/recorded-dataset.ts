import type { Dataset, Episode, Feature } from '@torsor/data';

const joints = ['shoulder', 'elbow'];

/** Frame `t` of episode `e`: the state is (t, 10 e + t), the action (t + 1, 2 e − t). */
const episodeOf = (index: number, length: number): Episode => {
  const frames = Array.from({ length }, (_, t) => t);
  return {
    index,
    length,
    tasks: [],
    state: Float32Array.from(frames.flatMap((t) => [t, 10 * index + t])),
    action: Float32Array.from(frames.flatMap((t) => [t + 1, 2 * index - t])),
    taskIndex: new Int32Array(length).fill(index % 2),
    timestamp: Float32Array.from(frames, (t) => t / 10),
    pictures: new Map(),
    videos: new Map(),
  };
};

/** A robot of two joints, recorded for so many frames an episode; even episodes are of one task, odd ones of another. */
export const recordedDataset = (lengths: readonly number[], more: Partial<Dataset> = {}): Dataset => ({
  root: 'memory',
  info: {
    codebaseVersion: 'v2.1',
    robotType: 'arm',
    fps: 10,
    totalEpisodes: lengths.length,
    totalFrames: lengths.reduce((sum, length) => sum + length, 0),
    chunksSize: 1000,
    dataPath: '',
    videoPath: null,
    features: new Map(),
  },
  fps: 10,
  robotType: 'arm',
  features: new Map(),
  stateNames: joints,
  actionNames: joints,
  cameras: [],
  tasks: new Map([
    [0, 'pick'],
    [1, 'place the red cup on the shelf'],
  ]),
  notes: [],
  episodes: lengths.map((length, index) => episodeOf(index, length)),
  ...more,
});

/** PNG files of one pixel. */
const red = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
const green = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNg+M8AAAICAQB7CYF4AAAAAElFTkSuQmCC';

const pixel: Feature = { dtype: 'image', shape: [1, 1, 3], names: [], note: null };

/** The same with two cameras: `top` sees red in every frame, `hand` green. */
export const seeingDataset = (lengths: readonly number[]): Dataset => {
  const dataset = recordedDataset(lengths, {
    cameras: ['top', 'hand'],
    features: new Map([
      ['top', pixel],
      ['hand', pixel],
    ]),
  });
  const seen = (episode: Episode, png: string): readonly Uint8Array[] =>
    Array.from({ length: episode.length }, () => Uint8Array.from(Buffer.from(png, 'base64')));
  const episodes = dataset.episodes.map((episode) => ({
    ...episode,
    pictures: new Map([
      ['top', seen(episode, red)],
      ['hand', seen(episode, green)],
    ]),
  }));
  return { ...dataset, episodes };
};
