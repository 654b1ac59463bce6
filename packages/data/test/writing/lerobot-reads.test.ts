import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import type { DatasetSpec, NewEpisode, VideoEncoder } from '../../src/index.js';
import { write } from './recordings.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** What LeRobot 0.6.1 returned for each frame, and of which files: `fixtures/written/ORIGIN.md`. */
type Returned = {
  readonly files: { readonly [file: string]: string };
  readonly frames: readonly {
    readonly 'observation.state': readonly number[];
    readonly action: readonly number[];
    readonly done: boolean;
    readonly note: string;
    readonly counter: number;
    readonly task: string;
    readonly timestamp: number;
    readonly index: number;
    /** SHA-256 of the bytes `[h, w, 3]`. */
    readonly 'observation.images.top': string;
    /** Which frame of its episode's video it was. */
    readonly 'observation.images.side': number;
  }[];
};

const returned: Returned = JSON.parse(readFileSync(fixture('written/expected.json'), 'utf8'));

const spec: DatasetSpec = {
  fps: 20,
  robotType: 'arm',
  limits: { chunksSize: 1, dataFilesSizeInMb: 0.05 },
  features: {
    'observation.state': { dtype: 'float32', shape: [3], names: ['a', 'b', 'c'] },
    action: { dtype: 'float32', shape: [2] },
    done: { dtype: 'bool', shape: [1] },
    note: { dtype: 'string', shape: [1] },
    counter: { dtype: 'int64', shape: [1] },
    'observation.images.top': { dtype: 'image', shape: [24, 32, 3] },
    'observation.images.side': { dtype: 'video', shape: [96, 128, 3] },
  },
};

const videoOf = (episode: number): string =>
  fixture(`lerobot/v21-video/videos/chunk-000/observation.images.front/episode_00000${episode}.mp4`);

const lengths: readonly number[] = JSON.parse(
  readFileSync(fixture('lerobot/v21-video.expected.json'), 'utf8'),
).episode_lengths;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const pixels = (episode: number, frame: number): Uint8Array =>
  Uint8Array.from({ length: 24 * 32 * 3 }, (_, i) => (i * 7 + frame * 31 + episode * 13 + (i >> 5)) & 255);

const episodeOf = (index: number): NewEpisode => {
  const length = lengths[index] ?? 0;
  const frames = Array.from({ length }, (_, frame) => frame);
  return {
    task: frames.map((frame) => (index === 1 && frame > 9 ? 'lift it – höher' : 'push the cube')),
    values: {
      'observation.state': frames.flatMap((frame) => [
        Math.sin(frame + index),
        -frame / 3,
        frame % 2 === 0 ? -0 : 1e-40,
      ]),
      action: frames.flatMap((frame) => [frame * 0.1, 1 / (frame + 1)]),
      done: frames.map((frame) => frame === length - 1),
      note: frames.map((frame) => `note ${frame}`),
      counter: frames.map((frame) => 2 ** 40 + frame),
    },
    cameras: {
      'observation.images.top': Uint8Array.from(frames.flatMap((frame) => [...pixels(index, frame)])),
      'observation.images.side': new Uint8Array(length * 96 * 128 * 3),
    },
  };
};

/** Videos that are there already stand for encoded ones, so that the files are the same bytes everywhere. */
const copying = (): VideoEncoder => {
  let next = 0;
  return {
    codec: 'av1',
    encode: (file) =>
      TE.fromIO(() => {
        const episode = next++;
        copyFileSync(videoOf(episode), file);
        return lengths[episode] ?? 0;
      }),
  };
};

const rowOf = (values: ArrayLike<unknown> | undefined, frame: number, width: number): readonly number[] =>
  Array.from({ length: width }, (_, i) => Math.fround(Number(values?.[frame * width + i])));

it('LeRobot 0.6.1 returned for every frame what was written, of files that are the same bytes', async () => {
  const dir = process.env['TORSOR_WRITTEN'] ?? join(mkdtempSync(join(tmpdir(), 'torsor-data-')), 'dataset');
  rmSync(dir, { recursive: true, force: true });
  const episodes = lengths.map((_, index) => episodeOf(index));
  await write(dir, { spec, episodes }, { video: copying() });

  const names = readdirSync(dir, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
  const files = Object.fromEntries(names.toSorted().map((name) => [name, sha256(readFileSync(join(dir, name)))]));
  expect(files, 'other bytes: record again what LeRobot returns, fixtures/written/ORIGIN.md').toEqual(returned.files);

  const given = episodes.flatMap(({ values, task }, episode) =>
    Array.from({ length: lengths[episode] ?? 0 }, (_, frame) => ({
      'observation.state': rowOf(values['observation.state'], frame, 3),
      action: rowOf(values['action'], frame, 2),
      done: values['done']?.[frame],
      note: values['note']?.[frame],
      counter: values['counter']?.[frame],
      task: task[frame],
      timestamp: Math.fround(frame / 20),
      'observation.images.top': sha256(pixels(episode, frame)),
      'observation.images.side': frame,
    })),
  );
  expect(returned.frames).toEqual(given.map((frame, index) => ({ ...frame, index })));
});
