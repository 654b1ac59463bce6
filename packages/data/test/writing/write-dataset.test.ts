import { cpSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  createDataset,
  type Dataset,
  type DatasetSpec,
  encodedPictures,
  type NewEpisode,
  openForAppending,
  type PictureRows,
  pictureReader,
  readDataset,
  samplesOf,
} from '../../src/index.js';
import { sourceOfBytes } from '../../src/parquet/byte-source.js';
import { readRecords } from '../../src/parquet/records.js';
import { makeScratch } from '../../src/parquet/scratch.js';
import { readTable } from '../../src/parquet/table.js';
import { type FeatureStats, statsOfRows } from '../../src/writing/feature-stats.js';
import { right } from '../right.js';
import { lengthOf, type Recorded, recorded, succeeds, write } from './recordings.js';

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'torsor-data-')), 'dataset');

const files = (dir: string, folder: string): readonly string[] =>
  readdirSync(join(dir, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .toSorted()
    .map((name) => `${folder}/${name}`);

const bytesOf = (dir: string, file: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(dir, file)));

const tasksOf = ({ task }: NewEpisode, length: number): readonly string[] =>
  typeof task === 'string' ? new Array<string>(length).fill(task) : task;

const bits = (values: ArrayLike<number>): readonly number[] => [...new Uint32Array(Float32Array.from(values).buffer)];

const top = 'observation.images.top';

/** What the camera saw in every frame of an episode. */
const seenIn = async (dataset: Dataset, episode: number, length: number): Promise<Uint8Array> => {
  const frames = Array.from({ length }, (_, frame) => frame);
  return right(await pictureReader(0)(right(samplesOf(dataset, [episode])), frames, top)()).data;
};

const checkEpisodes = async (given: Recorded, dataset: Dataset): Promise<void> => {
  expect(dataset.episodes.map(({ index }) => index)).toEqual(given.episodes.map((_, i) => i));
  for (const [i, episode] of given.episodes.entries()) {
    const read = dataset.episodes[i] ?? expect.fail();
    const length = lengthOf(given, episode);
    expect(read.length).toBe(length);
    expect(bits(read.state)).toEqual(bits(episode.values['observation.state'] as Float32Array));
    expect(bits(read.action)).toEqual(bits(episode.values['action'] as Float32Array));
    expect([...read.timestamp]).toEqual(Array.from({ length }, (_, frame) => Math.fround(frame / given.spec.fps)));
    const tasks = tasksOf(episode, length);
    expect([...read.taskIndex].map((index) => dataset.tasks.get(index))).toEqual(tasks);
    expect(read.tasks).toEqual([...new Set(tasks)]);
    expect([...(await seenIn(dataset, i, length))]).toEqual([...((episode.cameras?.[top] ?? []) as Uint8Array)]);
  }
};

/** Columns that `readDataset` leaves, of all files in the order of episodes. */
const otherColumns = async (dir: string): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const rows = await Promise.all(
    files(dir, 'data').map(async (file) =>
      right(await readRecords(file, bytesOf(dir, file), { required: ['count', 'flags', 'note', 'index'] })()),
    ),
  );
  const of = (name: string): readonly unknown[] => rows.flat().map((row) => row[name]);
  return { count: of('count'), flags: of('flags'), note: of('note'), index: of('index') };
};

type Found = { readonly [key in Exclude<keyof FeatureStats, 'count'>]: readonly number[] } & {
  readonly count: readonly number[];
};

/** Sums may be rounded otherwise; JSON has no -0. */
const checkStats = ({ count, mean, std, ...exact }: Found, direct: FeatureStats): void => {
  expect(count).toEqual([direct.count]);
  for (const [key, values] of Object.entries(exact)) expect(values).toEqual(direct[key as 'min'].map((x) => x + 0));
  const scale = Math.max(...direct.max.map(Math.abs), ...direct.min.map(Math.abs), 1e-300);
  const checkSums = (found: readonly number[], expected: readonly number[]): void => {
    for (const [i, x] of expected.entries()) expect(Math.abs((found[i] ?? Number.NaN) - x) / scale).toBeLessThan(1e-14);
  };
  checkSums(mean, direct.mean);
  checkSums(std, direct.std);
};

const limitBytes = ({ spec }: Recorded): number => (spec.limits?.dataFilesSizeInMb ?? 100) * 2 ** 20;

describe('a dataset of any features, lengths, tasks and limits', () => {
  it('is read as it was given, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, async (given) => {
        const dir = fresh();
        await write(dir, given);
        const dataset = right(await readDataset(dir)());
        expect(dataset.fps).toBe(given.spec.fps);
        expect(dataset.robotType).toBe(given.spec.robotType ?? null);
        await checkEpisodes(given, dataset);
        const others = await otherColumns(dir);
        const values = (name: string): readonly unknown[] =>
          given.episodes.flatMap((e) => Array.from<unknown>(e.values[name] ?? []));
        expect(others['count']?.flat()).toEqual(values('count'));
        expect(others['flags']?.flat()).toEqual(values('flags'));
        expect(others['note']).toEqual(values('note'));
        expect(others['index']).toEqual(others['index']?.map((_, i) => i));
      }),
      { numRuns: 8 },
    );
  });

  it('has files within the limit, or of one episode, a row group for each episode, full chunks, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, async (given) => {
        const dir = fresh();
        await write(dir, given);
        const data = files(dir, 'data');
        const lines = await Promise.all(
          files(dir, 'meta/episodes').map(async (file) =>
            right(
              await readRecords(file, bytesOf(dir, file), {
                required: ['length', 'data/chunk_index', 'data/file_index'],
              })(),
            ),
          ),
        );
        expect(lines.length).toBe(data.length);
        for (const [i, file] of data.entries()) {
          const chunksSize = given.spec.limits?.chunksSize ?? 1000;
          const [chunk, place] = [Math.floor(i / chunksSize), i % chunksSize];
          expect(file).toBe(`data/chunk-00${chunk}/file-00${place}.parquet`);
          const episodes = lines[i] ?? [];
          expect(
            episodes.every((line) => line['data/chunk_index'] === chunk && line['data/file_index'] === place),
          ).toBe(true);
          if (episodes.length > 1) expect(statSync(join(dir, file)).size).toBeLessThanOrEqual(limitBytes(given));
        }
        expect(readdirSync(dir).toSorted()).toEqual(['data', 'meta']);
        expect(readdirSync(join(dir, 'meta')).toSorted()).toEqual([
          'episodes',
          'info.json',
          'stats.json',
          'tasks.parquet',
        ]);
      }),
      { numRuns: 4 },
    );
  });

  it('is the same whether it was written at once or continued at any episode, but for the files', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, fc.nat(5), async (given, cut) => {
        const { spec, episodes } = given;
        const at = Math.min(cut, episodes.length);
        const [whole, continued] = [fresh(), fresh()];
        await write(whole, given);
        await write(continued, { spec, episodes: episodes.slice(0, at) });
        const writer = await succeeds(openForAppending(continued, spec));
        for (const [i, episode] of episodes.slice(at).entries()) {
          expect(await succeeds(writer.addEpisode(episode))).toBe(at + i);
        }
        await succeeds(writer.close());
        await checkEpisodes(given, right(await readDataset(continued)()));
        const stats = (dir: string): string => readFileSync(join(dir, 'meta/stats.json'), 'utf8');
        expect(stats(continued)).toBe(stats(whole));
      }),
      { numRuns: 4 },
    );
  });

  it('has statistics of the whole that are those of all rows at once', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, async (given) => {
        const dir = fresh();
        await write(dir, given);
        const stats = JSON.parse(readFileSync(join(dir, 'meta/stats.json'), 'utf8'));
        for (const name of ['observation.state', 'action', 'count', 'flags']) {
          const all = given.episodes.flatMap((e) => Array.from(e.values[name] as ArrayLike<number>, Number));
          checkStats(stats[name], statsOfRows(all, given.spec.features[name]?.shape[0] ?? 1));
        }
        expect(stats.note).toBeUndefined();
        expect(stats.index.max).toEqual([stats.index.count[0] - 1]);
      }),
      { numRuns: 6 },
    );
  });
});

it('two episodes asked for at once are written one after the other', async () => {
  const dir = fresh();
  const writer = await succeeds(
    createDataset(dir, {
      fps: 10,
      features: { 'observation.state': { dtype: 'float32', shape: [1] }, action: { dtype: 'float32', shape: [1] } },
    }),
  );
  const add = (value: number) =>
    succeeds(writer.addEpisode({ task: 'go', values: { 'observation.state': [value], action: [value] } }));
  expect(await Promise.all([add(1), add(2), add(3)])).toEqual([0, 1, 2]);
  await Promise.all([succeeds(writer.close()), succeeds(writer.close())]);
  const dataset = right(await readDataset(dir)());
  expect(dataset.episodes.map(({ state }) => state[0])).toEqual([1, 2, 3]);
});

it('dictionaries, minus zero and plain pages are read by the direct decoder', async () => {
  const dir = fresh();
  const state = Float32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? -0 : 0));
  await write(dir, {
    spec: {
      fps: 10,
      features: { 'observation.state': { dtype: 'float32', shape: [2] }, action: { dtype: 'float32', shape: [2] } },
    },
    episodes: [{ task: 'go', values: { 'observation.state': state, action: state } }],
  });
  const file = 'data/chunk-000/file-000.parquet';
  const request = { file, columns: [{ name: 'action', width: 2, dtype: 'float32' }], checkRows: () => undefined };
  const table = await readTable(request, sourceOfBytes(bytesOf(dir, file)), makeScratch());
  expect(E.isRight(table) && bits(table.right.columns.get('action') ?? [])).toEqual(bits(state));
});

it("a dataset of LeRobot's own is continued, and measured anew", async () => {
  const dir = process.env['TORSOR_CONTINUED'] ?? fresh();
  cpSync(fileURLToPath(new URL('../../fixtures/lerobot/v3-images', import.meta.url)), dir, { recursive: true });
  const before = right(await readDataset(dir)());
  const names = before.stateNames;
  const { robotType, fps } = before;
  const spec: DatasetSpec = {
    fps,
    robotType,
    features: {
      'observation.state': { dtype: 'float32', shape: [6], names },
      action: { dtype: 'float32', shape: [6], names },
      'observation.images.front': { dtype: 'image', shape: [96, 128, 3] },
      'observation.images.wrist': { dtype: 'image', shape: [64, 64, 3] },
    },
  };
  const writer = await succeeds(openForAppending(dir, spec));
  const [first] = before.episodes;
  const { state, action, pictures, length } = first ?? expect.fail();
  const encoded = encodedPictures();
  const picturesOf = async (rows: PictureRows, camera: string): Promise<readonly Uint8Array[]> =>
    Promise.all(Array.from({ length }, async (_, frame) => right(await encoded(dir, rows, camera, frame)())));
  const cameras: Record<string, Uint8Array[]> = {};
  for (const [camera, rows] of pictures) cameras[camera] = [...(await picturesOf(rows, camera))];
  const task = 'something else';
  const added = writer.addEpisode({ task, values: { 'observation.state': state, action }, cameras });
  expect(await succeeds(added)).toBe(before.episodes.length);
  await succeeds(writer.close());
  const after = right(await readDataset(dir)());
  expect(after.episodes.slice(0, -1)).toEqual(before.episodes);
  expect(after.episodes.at(-1)?.state).toEqual(state);
  for (const [camera, rows] of after.episodes.at(-1)?.pictures ?? expect.fail()) {
    expect(await picturesOf(rows, camera)).toEqual(cameras[camera]);
  }
  expect([...after.tasks.values()]).toEqual([...before.tasks.values(), task]);
  const stats = JSON.parse(readFileSync(join(dir, 'meta/stats.json'), 'utf8'));
  const all = after.episodes.flatMap((episode) => [...episode.action]);
  checkStats(stats.action, statsOfRows(all, 6));
  expect(stats['observation.images.front'].count).toEqual([after.info.totalFrames]);
  expect(after.info.totalFrames).toBe(before.info.totalFrames + length);
});
