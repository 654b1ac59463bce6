import { describe, expect, it } from 'vitest';
import { type DataError, showDataError } from '../../src/error.js';
import { readDataset } from '../../src/fs/read-dataset.js';
import { type Files, filesOf, onDisk, smallEpisode } from '../dataset-on-disk.js';
import { left, right } from '../right.js';
import {
  type EpisodeRow,
  rowsOf,
  tableOf,
  v3DataFile,
  v3DataOf,
  v3EpisodesFile,
  v3FilesOf,
  v3TasksFile,
} from '../v3-on-disk.js';

const episodes = [smallEpisode(0), { ...smallEpisode(10, 5), task: 1 }, smallEpisode(20, 2)];

const failure = async (files: Files): Promise<DataError> => left(await readDataset(onDisk(files))());

/** The rows of right metadata, one of them changed. */
const changed = (index: number, fields: EpisodeRow): readonly EpisodeRow[] =>
  rowsOf(episodes).map((row, i) => (i === index ? { ...row, ...fields } : row));

const top = { 'observation.images.top': { dtype: 'video', shape: [4, 4, 3], names: null } };

const inVideo = (fields: EpisodeRow = {}): EpisodeRow => {
  const all = { chunk_index: 0n, file_index: 0n, from_timestamp: 0, to_timestamp: 0.3, ...fields };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`videos/observation.images.top/${key}`, value]));
};

describe('version 3', () => {
  it('has the episodes of the same recordings in version 2', async () => {
    const [v2, v3] = [filesOf(episodes), v3FilesOf(episodes)].map((files) => readDataset(onDisk(files))());
    const [old, now] = [right(await (v2 ?? expect.fail())), right(await (v3 ?? expect.fail()))];
    expect(now.episodes).toEqual(old.episodes);
    expect(now.tasks).toEqual(old.tasks);
  });

  it('finds tasks whose text is an index without a name', async () => {
    const files = v3FilesOf(episodes);
    files[v3TasksFile] = tableOf([
      { task_index: 0n, __index_level_0__: 'pick' },
      { task_index: 1n, __index_level_0__: 'place' },
    ]);
    expect([...right(await readDataset(onDisk(files))()).tasks.values()]).toEqual(['pick', 'place']);
  });

  it('reads metadata of episodes that lies in several files', async () => {
    const [first, ...others] = rowsOf(episodes);
    const files = v3FilesOf(episodes, [first ?? {}]);
    files['meta/episodes/chunk-001/file-000.parquet'] = tableOf(others);
    expect(right(await readDataset(onDisk(files))()).episodes).toHaveLength(3);
  });

  it('asks each video for once, and names the one that is missing', async () => {
    const rows = rowsOf(episodes).map((row) => ({ ...row, ...inVideo() }));
    const files = v3FilesOf(episodes, rows, top);
    expect(await failure(files)).toMatchObject({
      _tag: 'MissingVideos',
      files: ['videos/observation.images.top/chunk-000/file-000.mp4'],
      count: 1,
    });
    files['videos/observation.images.top/chunk-000/file-000.mp4'] = '';
    expect(right(await readDataset(onDisk(files))()).cameras).toEqual(['observation.images.top']);
  });
});

describe('metadata that lies', () => {
  it.each<[string, number, EpisodeRow, string]>([
    ['an end that is not its length away', 1, { dataset_to_index: 9n }, 'dataset_to_index'],
    ['rows that overlap', 1, { dataset_from_index: 2n, dataset_to_index: 7n }, 'dataset_from_index'],
    ['a gap between rows', 2, { dataset_from_index: 9n, dataset_to_index: 11n }, 'dataset_from_index'],
    ['an index that is null', 1, { dataset_from_index: null }, 'dataset_from_index'],
    ['no frames', 1, { length: 0n, dataset_to_index: 3n }, 'length'],
    ['an episode twice', 1, { episode_index: 0n }, 'episode_index'],
    ['a text that is none', 1, { tasks: [null] }, 'tasks'],
  ])('%s', async (_, index, fields, field) => {
    const error = await failure(v3FilesOf(episodes, changed(index, fields)));
    expect(error).toMatchObject({ _tag: 'InvalidField', field });
    expect(showDataError(error)).toContain('meta/episodes');
  });

  it('whole numbers that are stored as reals are taken, others not', async () => {
    const asReals = rowsOf(episodes).map((row) => ({ ...row, length: Number(row['length']) }));
    expect(right(await readDataset(onDisk(v3FilesOf(episodes, asReals)))()).episodes).toHaveLength(3);
    const half = asReals.map((row) => ({ ...row, length: row.length + 0.5 }));
    expect(await failure(v3FilesOf(episodes, half))).toMatchObject({ field: 'length', found: '3.5' });
  });

  it('a place past the end of the file', async () => {
    const files = v3FilesOf(episodes);
    files[v3DataFile] = v3DataOf(episodes.slice(0, 2));
    const error = await failure(files);
    expect(error).toEqual({
      _tag: 'RowCountMismatch',
      file: v3DataFile,
      episodes: [0, 1, 2],
      expected: 10,
      found: 8,
    });
  });

  it('a file that is not the one of the episode', async () => {
    const files = v3FilesOf(episodes, changed(2, { 'data/file_index': 1n }));
    files['data/chunk-000/file-001.parquet'] = v3DataOf(episodes.slice(0, 1));
    expect(await failure(files)).toMatchObject({ _tag: 'RowCountMismatch' });
    files[v3DataFile] = v3DataOf(episodes.slice(0, 2));
    files['data/chunk-000/file-001.parquet'] = v3DataOf([smallEpisode(20, 2)]);
    expect(await failure(files)).toMatchObject({ _tag: 'WrongIndex', column: 'episode_index', row: 0, expected: 2 });
  });

  it.each([
    [{ to_timestamp: 0 }, 'videos/observation.images.top/to_timestamp'],
    [{ from_timestamp: -1 }, 'videos.observation.images.top.from_timestamp'],
    [{ file_index: null }, 'videos.observation.images.top.file_index'],
  ])('a place in a video: %j', async (fields, field) => {
    const rows = rowsOf(episodes).map((row, i) => ({ ...row, ...inVideo(i === 1 ? fields : {}) }));
    expect(await failure(v3FilesOf(episodes, rows, top))).toMatchObject({ _tag: 'InvalidField', field, row: 1 });
  });

  it('no place in a video at all', async () => {
    const error = await failure(v3FilesOf(episodes, rowsOf(episodes), top));
    expect(error).toMatchObject({ _tag: 'InvalidField', row: 0 });
  });

  it.each([v3TasksFile, v3EpisodesFile])('%s that is missing, empty or cut', async (name) => {
    const files = v3FilesOf(episodes);
    const whole = files[name] ?? expect.fail();
    const { [name]: _, ...without } = files;
    expect(await failure(without)).toMatchObject({ _tag: 'MissingFile' });
    for (const bytes of [new Uint8Array(), whole.slice(0, whole.length / 2)]) {
      expect(await failure({ ...files, [name]: bytes })).toMatchObject({ _tag: 'CorruptParquet', file: name });
    }
  });

  it('metadata without a column that places episodes', async () => {
    const rows = rowsOf(episodes).map(({ 'data/file_index': _, ...row }) => row);
    expect(await failure(v3FilesOf(episodes, rows))).toMatchObject({
      _tag: 'MissingColumn',
      file: v3EpisodesFile,
      column: 'data/file_index',
    });
  });
});
