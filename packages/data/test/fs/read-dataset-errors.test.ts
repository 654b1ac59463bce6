import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DataError, showDataError } from '../../src/error.js';
import { type ReadOptions, readDataset } from '../../src/fs/read-dataset.js';
import { sampleDatasetPath } from '../../src/fs/sample.js';
import { dataFile, type Files, filesOf, infoOf, onDisk, parquetOf, smallEpisode } from '../dataset-on-disk.js';
import { left } from '../right.js';

const episode = smallEpisode();
const one = (): Files => filesOf([episode]);

const failure = async (files: Files, options?: ReadOptions): Promise<DataError> =>
  left(await readDataset(onDisk(files), options)());

/** A right dataset with the columns of its only episode replaced. */
const withColumns = (columns: Record<string, unknown[] | null>): Files => ({
  ...one(),
  [dataFile(0)]: parquetOf({ ...episode, columns }),
});

const withInfo = (more: object): Files => ({ ...one(), 'meta/info.json': JSON.stringify(infoOf([episode], more)) });

const without = (name: string): Files => Object.fromEntries(Object.entries(one()).filter(([key]) => key !== name));

describe('files', () => {
  it('missing directory', async () => {
    const dir = join(onDisk({}), 'nowhere');
    expect(left(await readDataset(dir)())).toEqual({ _tag: 'MissingDataset', dir });
  });

  it('a file where the directory should be', async () => {
    const dir = join(onDisk(one()), 'meta/info.json');
    expect(left(await readDataset(dir)())).toEqual({ _tag: 'MissingDataset', dir });
  });

  it.each(['meta/info.json', 'meta/tasks.jsonl', 'meta/episodes.jsonl'])('missing %s', async (name) => {
    expect(await failure(without(name))).toMatchObject({ _tag: 'MissingFile', file: expect.stringContaining(name) });
  });

  it('a directory where a file should be', async () => {
    const files = without('meta/tasks.jsonl');
    files['meta/tasks.jsonl/inner'] = '';
    expect(await failure(files)).toMatchObject({ _tag: 'UnreadableFile' });
  });

  it('missing parquet', async () => {
    expect(await failure(without(dataFile(0)))).toMatchObject({ _tag: 'MissingParquet', episodes: [0] });
  });

  it('missing videos name the files, the count and the way to go on without the camera', async () => {
    const error = left(await readDataset(sampleDatasetPath())());
    expect(error).toMatchObject({ _tag: 'MissingVideos', count: 40, cameras: ['observation.images.cam_high'] });
    const message = showDataError(error);
    expect(message).toContain('videos/chunk-000/observation.images.cam_high/episode_000000.mp4');
    expect(message).toContain('and 37 more');
    expect(message).toContain('withoutCameras ["observation.images.cam_high"] leaves');
  });

  it('a camera to leave out that does not exist', async () => {
    expect(await failure(one(), { withoutCameras: ['top'] })).toMatchObject({ _tag: 'UnknownCamera', camera: 'top' });
  });
});

describe('metadata', () => {
  it('malformed JSON, with its line', async () => {
    const files = { ...one(), 'meta/info.json': '{\n  "fps": 10,\n  oops\n}' };
    expect(await failure(files)).toMatchObject({ _tag: 'MalformedJson', file: 'meta/info.json', line: 3 });
  });

  it('a truncated JSON document', async () => {
    expect(await failure({ ...one(), 'meta/info.json': '{\n  "fps": 10' })).toMatchObject({
      _tag: 'MalformedJson',
      line: 2,
    });
  });

  it('malformed JSON lines, with their line', async () => {
    const files = { ...one(), 'meta/episodes.jsonl': '{"episode_index":0,"tasks":["pick"],"length":3}\n\n{"episode' };
    expect(await failure(files)).toMatchObject({ _tag: 'MalformedJson', file: 'meta/episodes.jsonl', line: 3 });
  });

  it('a field of the wrong type', async () => {
    const error = await failure(withInfo({ fps: '30' }));
    expect(error).toMatchObject({ _tag: 'InvalidField', file: 'meta/info.json', field: 'fps', found: '"30"' });
  });

  it('a field of the wrong type in a line', async () => {
    const files = { ...one(), 'meta/tasks.jsonl': '{"task_index":0,"task":"pick"}\n{"task_index":1,"task":7}\n' };
    expect(await failure(files)).toMatchObject({ _tag: 'InvalidField', line: 2, field: 'task', found: '7' });
  });

  it('an episode listed twice', async () => {
    const line = '{"episode_index":0,"tasks":["pick"],"length":3}\n';
    expect(await failure({ ...one(), 'meta/episodes.jsonl': line + line })).toMatchObject({
      _tag: 'InvalidField',
      field: 'episode_index',
    });
  });

  it('a vector feature of two dimensions', async () => {
    const action = { dtype: 'float32', shape: [2, 2], names: null };
    expect(await failure(filesOf([episode], { action }))).toMatchObject({
      _tag: 'InvalidField',
      field: 'features.action.shape',
    });
  });

  it('no action feature', async () => {
    const features = { 'observation.state': { dtype: 'float32', shape: [2], names: null } };
    expect(await failure(withInfo({ features }))).toMatchObject({ _tag: 'MissingFeature', feature: 'action' });
  });

  it.each(['v1.6', 'v3.1', ''])('version %s', async (codebase_version) => {
    expect(await failure(withInfo({ codebase_version }))).toEqual({
      _tag: 'UnknownVersion',
      file: 'meta/info.json',
      found: codebase_version,
      known: ['v2.0', 'v2.1', 'v3.0'],
    });
  });

  it.each(['meta/episodes.jsonl', 'meta/tasks.jsonl', 'meta/info.json'])('%s in another encoding', async (name) => {
    const text = String(one()[name]).replace('pick', 'pick \u00e9');
    const latin1 = Buffer.from(`${text}${name === 'meta/info.json' ? '\u00e9' : ''}`, 'latin1');
    expect(await failure({ ...one(), [name]: latin1 })).toEqual({ _tag: 'NotUtf8', file: name });
  });

  it.each(['meta/info.json', 'meta/episodes.jsonl', dataFile(0)])('%s as a Git LFS pointer', async (name) => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    const error = await failure({ ...one(), [name]: pointer });
    expect(error).toEqual({ _tag: 'LfsPointer', file: expect.stringContaining(name) });
    expect(showDataError(error)).toContain('git lfs pull');
  });

  it('no episodes', async () => {
    const files = { ...withInfo({ total_episodes: 0, total_frames: 0 }), 'meta/episodes.jsonl': '' };
    expect(await failure(files)).toMatchObject({ _tag: 'EmptyDataset' });
  });

  it('an empty selection', async () => {
    expect(await failure(one(), { episodes: [] })).toMatchObject({ _tag: 'EmptyDataset' });
  });

  it('a selected episode that does not exist', async () => {
    expect(await failure(one(), { episodes: [4] })).toEqual({ _tag: 'UnknownEpisode', episode: 4, available: 1 });
  });

  it.each([
    ['total_frames', { total_frames: 4 }, 4, 3],
    ['total_episodes', { total_episodes: 2 }, 2, 1],
  ])('%s that does not add up', async (what, more, declared, counted) => {
    expect(await failure(withInfo(more))).toEqual({ _tag: 'CountMismatch', what, declared, counted });
  });

  it('is read all the same where totals are not compared', async () => {
    const read = await readDataset(onDisk(withInfo({ total_frames: 4 })), { checkTotals: false })();
    expect(read).toMatchObject({ _tag: 'Right', right: { episodes: [{ index: 0, length: 3 }] } });
  });
});

describe('columns', () => {
  it.each([0, 3, 40, 200])('truncated parquet (%d bytes left)', async (length) => {
    const whole = parquetOf(episode);
    const files = { ...one(), [dataFile(0)]: whole.slice(0, length) };
    expect(await failure(files)).toMatchObject({ _tag: 'CorruptParquet', file: dataFile(0) });
  });

  it('a parquet file with its middle cut out', async () => {
    const whole = parquetOf(episode);
    const cut = Uint8Array.from([...whole.slice(0, 30), ...whole.slice(90)]);
    expect(await failure({ ...one(), [dataFile(0)]: cut })).toMatchObject({ _tag: 'CorruptParquet' });
  });

  it('missing column', async () => {
    expect(await failure(withColumns({ action: null }))).toMatchObject({ _tag: 'MissingColumn', column: 'action' });
  });

  it('wrong width in one row', async () => {
    const error = await failure(withColumns({ action: [[1, 2], [1, 2, 3], [1]] }));
    expect(error).toEqual({ _tag: 'WrongWidth', file: dataFile(0), column: 'action', row: 1, expected: 2, found: 3 });
  });

  it('wrong width in every row', async () => {
    const error = await failure(withColumns({ action: [[1], [2], [3]] }));
    expect(error).toMatchObject({ _tag: 'WrongWidth', column: 'action', row: 0, expected: 2, found: 1 });
  });

  it('wrong dtype', async () => {
    const files = { ...one(), [dataFile(0)]: parquetOf({ ...episode, stateType: 'DOUBLE' }) };
    expect(await failure(files)).toMatchObject({
      _tag: 'WrongColumnType',
      column: 'observation.state',
      found: 'DOUBLE',
    });
  });

  it('a null', async () => {
    const error = await failure(
      withColumns({
        action: [
          [1, 2],
          [1, null],
          [3, 4],
        ],
      }),
    );
    expect(error).toEqual({ _tag: 'NullValue', file: dataFile(0), column: 'action', row: 1 });
  });

  it('fewer rows than episodes.jsonl says', async () => {
    const files = { ...one(), [dataFile(0)]: parquetOf(smallEpisode(0, 2)) };
    const expected = { _tag: 'RowCountMismatch', file: dataFile(0), episodes: [0], expected: 3, found: 2 };
    expect(await failure(files)).toEqual(expected);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d in an action', async (value) => {
    const error = await failure(
      withColumns({
        action: [
          [1, 2],
          [3, value],
          [5, 6],
        ],
      }),
    );
    expect(error).toMatchObject({
      _tag: 'NonFiniteValue',
      feature: 'action',
      episode: 0,
      frame: 1,
      joint: 'action[1]',
      value,
    });
  });

  it('NaN in a state', async () => {
    const error = await failure(
      withColumns({
        'observation.state': [
          [1, 2],
          [3, 4],
          [Number.NaN, 6],
        ],
      }),
    );
    expect(error).toMatchObject({
      _tag: 'NonFiniteValue',
      feature: 'observation.state',
      frame: 2,
      joint: 'observation.state[0]',
    });
  });

  it('frames out of order', async () => {
    const error = await failure(withColumns({ frame_index: [0n, 2n, 1n] }));
    expect(error).toEqual({
      _tag: 'WrongIndex',
      file: dataFile(0),
      column: 'frame_index',
      row: 1,
      expected: 1,
      found: 2,
    });
  });

  it("another episode's rows", async () => {
    const error = await failure(withColumns({ episode_index: [0n, 0n, 7n] }));
    expect(error).toMatchObject({ _tag: 'WrongIndex', column: 'episode_index', row: 2, expected: 0, found: 7 });
  });

  it('a task without a text', async () => {
    const error = await failure(withColumns({ task_index: [0n, 5n, 0n] }));
    expect(error).toEqual({ _tag: 'UnknownTask', episode: 0, frame: 1, taskIndex: 5, known: [0, 1] });
  });
});
