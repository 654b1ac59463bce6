import type { Dataset, Episode } from '../src/dataset.js';

/** An episode in memory; rows of state and action are given flat. */
export const episodeOf = (
  index: number,
  length: number,
  state: ArrayLike<number>,
  action: ArrayLike<number>,
): Episode => ({
  index,
  length,
  tasks: ['pick'],
  state: Float32Array.from(state),
  action: Float32Array.from(action),
  taskIndex: new Int32Array(length),
  timestamp: new Float32Array(length),
  pictures: new Map(),
  videos: new Map(),
  gaps: [],
});

/** A dataset in memory with as many dimensions as its first episode. */
export const datasetOf = (episodes: readonly Episode[]): Dataset => {
  const names = (values: Float32Array, length: number): readonly string[] =>
    Array.from({ length: values.length / length }, (_, i) => `joint${i}`);
  const first = episodes[0] ?? episodeOf(0, 1, [0], [0]);
  return {
    root: 'memory',
    info: {
      codebaseVersion: 'v2.1',
      robotType: null,
      fps: 10,
      totalEpisodes: episodes.length,
      totalFrames: episodes.reduce((sum, episode) => sum + episode.length, 0),
      chunksSize: 1000,
      dataPath: '',
      videoPath: null,
      features: new Map(),
    },
    fps: 10,
    robotType: null,
    features: new Map(),
    stateNames: names(first.state, first.length),
    actionNames: names(first.action, first.length),
    cameras: [],
    tasks: new Map([[0, 'pick']]),
    notes: [],
    episodes,
  };
};
