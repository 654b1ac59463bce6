import type { Dataset, Episode, Feature, PictureReader } from '@torsor/data';
import * as TE from 'fp-ts/lib/TaskEither.js';

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
    gaps: [],
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

const pixel: Feature = { dtype: 'image', shape: [1, 1, 3], names: [], note: null };

/** The same with two cameras, which `colours` reads. */
export const seeingDataset = (lengths: readonly number[]): Dataset =>
  recordedDataset(lengths, {
    cameras: ['top', 'hand'],
    features: new Map([
      ['top', pixel],
      ['hand', pixel],
    ]),
  });

/** What the cameras see, on black: `top` a red pixel in every frame, `hand` a green one. */
export const colours: PictureReader = ({ dataset: { cameras } }, indices, camera, [height, width] = [1, 1]) => {
  if (!cameras.includes(camera)) return TE.left({ _tag: 'UnknownPictures', camera, cameras });
  const data = new Uint8Array(indices.length * height * width * 3);
  for (let row = 0; row < indices.length; row++) data[row * height * width * 3 + (camera === 'top' ? 0 : 1)] = 255;
  return TE.right({ data, height, width });
};
