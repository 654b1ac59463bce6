import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import {
  createDataset,
  type DatasetSpec,
  type NewEpisode,
  openForAppending,
  readDataset,
  showWriteError,
  type WriteOptions,
} from '../../src/index.js';
import { right } from '../right.js';
import { fails, succeeds } from '../writing/recordings.js';

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'torsor-data-')), 'dataset');

const vectors: DatasetSpec['features'] = {
  'observation.state': { dtype: 'float32', shape: [2], names: ['shoulder', 'elbow'] },
  action: { dtype: 'float32', shape: [1] },
};

const spec: DatasetSpec = { fps: 10, features: vectors };

const pictured: DatasetSpec = {
  fps: 10,
  features: { ...vectors, 'observation.images.top': { dtype: 'image', shape: [2, 3, 3] } },
};

const good: NewEpisode = { task: 'pick', values: { 'observation.state': [1, 2, 3, 4], action: [1, 2] } };

const png = (height: number, width: number): Uint8Array =>
  encodePng({ height, width, channels: 3, data: new Uint8Array(height * width * 3) });

const seen = (frames: NonNullable<NewEpisode['cameras']>[string]): NewEpisode => ({
  ...good,
  cameras: { 'observation.images.top': frames },
});

/** What is said of an episode, the second of its dataset, the path left out. */
const refusal = async (of: DatasetSpec, first: NewEpisode, episode: NewEpisode, options: WriteOptions = {}) => {
  const dir = fresh();
  const writer = await succeeds(createDataset(dir, of, options));
  await succeeds(writer.addEpisode(first));
  const error = await fails(writer.addEpisode(episode));
  // Nothing of it is in the dataset, and the writer goes on.
  expect(await succeeds(writer.addEpisode(first))).toBe(1);
  await succeeds(writer.close());
  expect(right(await readDataset(dir, { withoutCameras: 'all' })()).episodes.length).toBe(2);
  const said = showWriteError(error).replaceAll(dir, '<dir>');
  expect(said).not.toContain('\n');
  return said;
};

describe('an episode is refused, by feature, episode and frame', () => {
  const other = (values: NewEpisode['values'], more: Partial<NewEpisode> = {}): NewEpisode => ({
    ...good,
    ...more,
    values: { ...good.values, ...values },
  });
  it.each<[string, NewEpisode, string]>([
    [
      'no frames',
      other({ 'observation.state': [], action: [] }),
      'Episode 1: observation.state should be one row of 2 values for each frame, at least one, but it is 0 values. The episode was not written.',
    ],
    [
      'a wrong width',
      other({ action: [1, 2, 3] }),
      'Episode 1: action should be 2 frames of 1 value, but it is 3 values. The episode was not written.',
    ],
    [
      'a missing feature',
      { ...good, values: { action: [1] } },
      'Episode 1: observation.state should be given for every episode, but it is absent. The episode was not written.',
    ],
    [
      'an unknown feature',
      other({ acton: [1, 2] }),
      'Episode 1: acton should be a feature of the dataset (observation.state, action), but it is another one. The episode was not written.',
    ],
    [
      'a text for a number',
      other({ action: ['1', '2'] }),
      'Episode 1, frame 0: action should be numbers, but it is "1". The episode was not written.',
    ],
    [
      'NaN',
      other({ 'observation.state': [1, 2, 3, Number.NaN] }),
      '<dir>: observation.state of episode 1, frame 1, joint elbow is NaN. Repair it or leave the episode out.',
    ],
    [
      'a number beyond f32',
      other({ action: [1e300, 2] }),
      '<dir>: action of episode 1, frame 0, joint action[0] is 1e+300. Repair it or leave the episode out.',
    ],
    [
      'an empty task',
      { ...good, task: ' ' },
      'Episode 1: task should be a text that is not empty, of whole characters, but it is " ". The episode was not written.',
    ],
    [
      'a task for some frames',
      { ...good, task: ['pick'] },
      'Episode 1: task should be one text, or 2, but it is 1 texts. The episode was not written.',
    ],
    [
      'half a character',
      { ...good, task: ['pick', 'p\ud83d'] },
      'Episode 1, frame 1: task should be a text that is not empty, of whole characters, but it is "p\\ud83d". The episode was not written.',
    ],
    [
      'times that do not grow',
      { ...good, timestamps: [0, 0] },
      'Episode 1, frame 1: timestamp should be after 0 s, the time of the frame before, but it is 0 s. The episode was not written.',
    ],
    [
      'times off the frames',
      { ...good, timestamps: [0, 0.1002] },
      'Episode 1, frame 1: timestamp should be 0.1 s (frame 1 at 10 fps, within 0.0001 s), but it is 0.1002 s. The episode was not written.',
    ],
    [
      'NaN as a time',
      { ...good, timestamps: [0, Number.NaN] },
      'Episode 1, frame 1: timestamp should be after 0 s, the time of the frame before, but it is NaN s. The episode was not written.',
    ],
    [
      'a camera that there is not',
      seen(new Uint8Array(12)),
      'Episode 1: observation.images.top should be a feature of the dataset (none), but it is another one. The episode was not written.',
    ],
  ])('%s', async (_, episode, said) => {
    expect(await refusal(spec, good, episode)).toBe(said);
  });

  it.each<[string, NewEpisode, string]>([
    [
      'too few bytes',
      seen(new Uint8Array(35)),
      'Episode 1: observation.images.top should be 2 pictures of 2x3 pixels, 36 bytes, but it is 35 bytes. The episode was not written.',
    ],
    [
      'too few pictures',
      seen([png(2, 3)]),
      'Episode 1: observation.images.top should be 2 pictures, but it is 1. The episode was not written.',
    ],
    [
      'a picture of another size',
      seen([png(2, 3), png(3, 2)]),
      '<dir>: the picture observation.images.top of episode 1, frame 1 is 3x2 pixels (height x width), where meta/info.json gives the camera 2x3.',
    ],
    [
      'no picture',
      seen([png(2, 3), new Uint8Array()]),
      '<dir>: the picture observation.images.top of episode 1, frame 1 cannot be decoded (it has no bytes). Repair it or leave the episode out.',
    ],
    [
      'a damaged picture',
      seen([png(2, 3), png(2, 3).fill(0, 42)]),
      '<dir>: the picture observation.images.top of episode 1, frame 1 cannot be decoded (damaged PNG: ',
    ],
  ])('%s', async (_, episode, said) => {
    expect(await refusal(pictured, seen(new Uint8Array(36)), episode)).toContain(said);
  });

  it.each<[string, () => TE.TaskEither<string, number>, string]>([
    ['an encoder that refuses', () => TE.left('no such codec'), 'no such codec'],
    ['an encoder that loses frames', () => TE.right(1), '1 frames were written of 2'],
    [
      'an encoder that throws',
      () => {
        throw new Error('no library');
      },
      'no library',
    ],
    ['an encoder that rejects', () => () => Promise.reject(new Error('gone')), 'gone'],
  ])('%s', async (_, encode, cause) => {
    const of: DatasetSpec = {
      ...spec,
      features: { ...vectors, 'observation.images.side': { dtype: 'video', shape: [2, 2, 3] } },
    };
    const dir = fresh();
    let next = encode;
    const written =
      (file: string): TE.TaskEither<string, number> =>
      async () => {
        writeFileSync(file, 'a video');
        return next()();
      };
    const writer = await succeeds(createDataset(dir, of, { video: { codec: 'av1', encode: written } }));
    const episode: NewEpisode = { ...good, cameras: { 'observation.images.side': new Uint8Array(24) } };
    expect(showWriteError(await fails(writer.addEpisode(episode)))).toBe(
      `The video observation.images.side of episode 0 was not encoded (${cause}). The episode was not written.`,
    );
    next = () => TE.right(2);
    expect(await succeeds(writer.addEpisode(episode))).toBe(0);
  });
});

const said = async (
  effect: TE.TaskEither<Parameters<typeof showWriteError>[0], unknown>,
  dir = '<none>',
): Promise<string> => showWriteError(await fails(effect)).replaceAll(dir, '<dir>');

it.each<[Partial<DatasetSpec>, string]>([
  [{ fps: 0 }, 'fps should be a whole number, 1 or more, but it is 0.'],
  [{ features: {} }, 'features should be at least one that is no camera, but it is [].'],
  [
    { features: { ...vectors, index: { dtype: 'int64', shape: [1] } } },
    'index should be left out: it is counted by the writer, but it is "int64".',
  ],
  [
    { features: { ...vectors, 'a/b': { dtype: 'int64', shape: [1] } } },
    'a/b should be a name without slashes that does not begin with a dot, but it is "a/b".',
  ],
  [
    { features: { action: { dtype: 'float32', shape: [0] } } },
    'action should be of shape [width], 1 or more, but it is [0].',
  ],
  [
    { features: { action: { dtype: 'float32', shape: [2], names: ['a'] } } },
    'action should be with 2 names, but it is ["a"].',
  ],
  [
    { features: { ...vectors, top: { dtype: 'image', shape: [3, 2, 1] as unknown as [number, number, 3] } } },
    'top should be of shape [height, width, 3], but it is [3,2,1].',
  ],
  [
    { features: { ...vectors, depth: { dtype: 'float16' as 'float32', shape: [1] } } },
    'depth should be of dtype float32, int64, bool, string, image, video, but it is "float16".',
  ],
  [
    { features: { ...vectors, top: { dtype: 'video', shape: [2, 2, 3] } } },
    'top should be of dtype image where options.video, which encodes videos, is left out, but it is video.',
  ],
  [{ limits: { chunksSize: 0 } }, 'limits.chunksSize should be a whole number, 1 or more, but it is 0.'],
  [{ limits: { dataFilesSizeInMb: 0 } }, 'limits.dataFilesSizeInMb should be a number above 0, but it is 0.'],
])('a dataset that LeRobot could not read is refused: %j', async (of, expected) => {
  expect(await said(createDataset(fresh(), { ...spec, ...of }))).toBe(expected);
});

describe('a dataset that is there', () => {
  const written = async (of: DatasetSpec = spec): Promise<string> => {
    const dir = fresh();
    const writer = await succeeds(createDataset(dir, of));
    await succeeds(writer.addEpisode(good));
    await succeeds(writer.close());
    expect(await said(writer.addEpisode(good), dir)).toBe(
      'The writer of <dir> is closed. Open the dataset for appending to add episodes.',
    );
    return dir;
  };

  it('is not begun again', async () => {
    const dir = await written();
    expect(await said(createDataset(dir, spec), dir)).toContain('<dir> exists and is never overwritten');
  });

  it.each<[Partial<DatasetSpec>, string]>([
    [{ fps: 20 }, 'its fps is 10, not 20'],
    [{ robotType: 'arm' }, 'its robot type is null, not "arm"'],
    [{ features: { ...vectors, action: { dtype: 'float32', shape: [2] } } }, 'its shape of action is [1], not [2]'],
    [
      { features: { ...vectors, reward: { dtype: 'float32', shape: [1] } } },
      'its feature reward is "absent", not "float32"',
    ],
    [
      { features: { action: { dtype: 'float32', shape: [1] } } },
      'its feature observation.state is "float32", not "absent"',
    ],
    [
      { features: { ...vectors, 'observation.state': { dtype: 'float32', shape: [2], names: ['elbow', 'shoulder'] } } },
      'its names of observation.state is ["shoulder","elbow"], not ["elbow","shoulder"]',
    ],
  ])('is not continued as another one: %j', async (of, expected) => {
    const dir = await written();
    expect(await said(openForAppending(dir, { ...spec, ...of }), dir)).toBe(
      `<dir> cannot be continued: ${expected}. Write another dataset, or say what this one is of.`,
    );
  });

  it('is not continued from what an interruption left and something damaged since', async () => {
    const dir = fresh();
    const writer = await succeeds(createDataset(dir, spec));
    await succeeds(writer.addEpisode(good));
    await succeeds(writer.addEpisode(good));
    const first = join(dir, '.unfinished/episode-000000.parquet');
    const bytes = readFileSync(first);
    writeFileSync(first, bytes.subarray(0, 100));
    expect(await said(openForAppending(dir, spec), dir)).toContain(
      '.unfinished/episode-000000.parquet, left by an interrupted recording, cannot be read',
    );
  });

  it('of version 2.1 is not continued', async () => {
    const dir = await written();
    const info = JSON.parse(readFileSync(join(dir, 'meta/info.json'), 'utf8'));
    writeFileSync(join(dir, 'meta/info.json'), JSON.stringify({ ...info, codebase_version: 'v2.1' }));
    expect(await said(openForAppending(dir, spec), dir)).toContain('codebase_version "v2.1" is not');
  });
});
