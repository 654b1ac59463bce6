import type { Dataset, Episode } from '@torsor/data';
import type { Subject } from '../src/check.js';

/** What a value of a frame is. */
export type Value = (frame: number, dim: number, episode: number) => number;

/** A robot in motion: sines of one period for each dimension, from -1 to 1. */
export const moving: Value = (frame, dim, episode) => Math.sin(0.37 * frame + dim + 0.61 * episode);

/** What recordings are made of; everything has a value that nothing is wrong with. */
export type Recording = {
  readonly lengths?: readonly number[];
  readonly fps?: number;
  readonly state?: Value;
  readonly action?: Value;
  readonly time?: (frame: number, episode: number) => number;
  readonly tasks?: readonly string[];
  readonly taskOf?: (episode: number, frame: number) => number;
  /** Task texts as the metadata of an episode lists them; those of its frames without it. */
  readonly named?: (episode: number) => readonly string[];
  readonly names?: readonly string[];
};

const rows = (length: number, width: number, episode: number, value: Value): Float32Array =>
  Float32Array.from({ length: length * width }, (_, i) => value(Math.floor(i / width), i % width, episode));

/** Episodes in memory. */
export const episodesOf = ({
  lengths = [60, 60, 60],
  fps = 10,
  state = moving,
  action = (frame, dim, episode) => 0.9 * moving(frame + 0.5, dim, episode),
  time = (frame) => frame / fps,
  tasks = ['pick'],
  taskOf = () => 0,
  named,
  names = ['shoulder', 'gripper'],
}: Recording): readonly Episode[] =>
  lengths.map((length, index) => ({
    index,
    length,
    tasks: named?.(index) ?? [tasks[taskOf(index, 0)] ?? ''],
    state: rows(length, names.length, index, state),
    action: rows(length, names.length, index, action),
    taskIndex: Int32Array.from({ length }, (_, frame) => taskOf(index, frame)),
    timestamp: Float32Array.from({ length }, (_, frame) => time(frame, index)),
    pictures: new Map(),
    videos: new Map(),
    gaps: [],
  }));

/** What checks know of such recordings. */
export const subjectOf = (recording: Recording, run: Partial<Pick<Subject, 'settings' | 'split'>> = {}): Subject => ({
  fps: recording.fps ?? 10,
  stateNames: recording.names ?? ['shoulder', 'gripper'],
  actionNames: recording.names ?? ['shoulder', 'gripper'],
  tasks: new Map((recording.tasks ?? ['pick']).map((text, index) => [index, text])),
  settings: null,
  split: null,
  ...run,
});

/** Such recordings as a dataset in memory. */
export const datasetOf = (recording: Recording): Dataset => {
  const { fps, stateNames, actionNames, tasks } = subjectOf(recording);
  const episodes = episodesOf(recording);
  return {
    root: '.',
    info: {
      codebaseVersion: 'v2.1',
      robotType: 'testbot',
      fps,
      totalEpisodes: episodes.length,
      totalFrames: episodes.reduce((sum, { length }) => sum + length, 0),
      chunksSize: 1000,
      dataPath: '',
      videoPath: null,
      features: new Map(),
    },
    fps,
    robotType: 'testbot',
    features: new Map(),
    stateNames,
    actionNames,
    cameras: [],
    tasks,
    notes: [],
    episodes,
  };
};
