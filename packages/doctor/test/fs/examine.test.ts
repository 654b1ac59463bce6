import { sampleDatasetPath } from '@torsor/data';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { isSafe } from '../../src/finding.js';
import { type ExamineOptions, examine } from '../../src/fs/examine.js';
import type { VideoFacts } from '../../src/videos.js';
import { camera, dataFile, type Files, filesOf, infoOf, onDisk, placesOf, rowsOf, v3, v3FilesOf } from '../on-disk.js';

const look = (files: Files, options: ExamineOptions = {}) => examine(onDisk(files), options)();

const five = Array.from({ length: 5 }, (_, i) => ({ length: 30 + i }));

const whole: Uint8Array = rowsOf([{ length: 32 }], 2);

describe('a dataset that nothing is wrong with', () => {
  it.each([
    ['of version 2.1', filesOf(five)],
    ['of version 3.0, but for videos that are not looked into', v3FilesOf(five)],
  ])('%s', async (_, files) => {
    const { findings, episodes, frames } = await look(files);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect([episodes, frames]).toEqual([5, 160]);
  });

  it('is the embedded sample without its videos', async () => {
    const read = { withoutCameras: 'all' } as const;
    expect(await examine(sampleDatasetPath(), { read })()).toEqual({ findings: [], episodes: 40, frames: 14_296 });
  });
});

describe('files of rows', () => {
  it.each([
    ['cut short', { [dataFile(2)]: whole.slice(0, 200) }, 'CorruptParquet'],
    ['empty', { [dataFile(2)]: '' }, 'CorruptParquet'],
    [
      'a pointer of Git LFS',
      { [dataFile(2)]: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' },
      'LfsPointer',
    ],
    ['of another length', { [dataFile(2)]: rowsOf([{ length: 31 }], 2) }, 'RowCountMismatch'],
    ['of another episode', { [dataFile(2)]: rowsOf([{ length: 32 }], 3) }, 'WrongIndex'],
    [
      'with a NaN',
      { [dataFile(2)]: rowsOf([{ length: 32, value: (f) => (f === 9 ? Number.NaN : f) }], 2) },
      'NonFiniteValue',
    ],
  ] as const)('%s: named, and the other episodes are looked at', async (_, changed, tag) => {
    const { findings, episodes } = await look({ ...filesOf(five), ...changed });
    expect(findings).toMatchObject([
      { _tag: tag, severity: 'error', episodes: [2], remedy: 'data.excludeEpisodes=[2]' },
    ]);
    expect(findings[0]?.where.file).toContain('episode_000002');
    expect(episodes).toBe(4);
  });

  it('missing, of several episodes: one finding that names them', async () => {
    const { [dataFile(1)]: _one, [dataFile(4)]: _four, ...files } = filesOf(five);
    const { findings, episodes } = await look(files);
    expect(findings).toMatchObject([{ _tag: 'MissingParquet', episodes: [1, 4] }]);
    expect(episodes).toBe(3);
  });

  it('refused all: told without end, but not read without end', async () => {
    const many = Array.from({ length: 80 }, () => ({ length: 2 }));
    const files = Object.fromEntries(Object.entries(filesOf(many)).filter(([name]) => name.startsWith('meta/')));
    const { findings } = await look(files);
    expect(findings.map(({ _tag }) => _tag)).toEqual(['MissingParquet', 'NotLookedAt']);
    expect(findings[0]?.episodes).toHaveLength(32);
    expect(findings[1]?.episodes).toHaveLength(48);
  });

  it('that no episode has are noted', async () => {
    const { findings } = await look({ ...filesOf(five), 'data/chunk-000/episode_000099.parquet': '' });
    expect(findings).toMatchObject([
      { _tag: 'UndeclaredFile', severity: 'note', where: { file: 'data/chunk-000/episode_000099.parquet' } },
    ]);
  });
});

describe('metadata', () => {
  it.each([
    ['half a file', { 'meta/info.json': infoOf(five).slice(0, 80) }, 'MalformedJson'],
    ['another version', { 'meta/info.json': infoOf(five, { codebase_version: 'v1.6' }) }, 'UnknownVersion'],
    ['letters that are no UTF-8', { 'meta/tasks.jsonl': Uint8Array.of(0x7b, 0xff) }, 'NotUtf8'],
  ] as const)('%s', async (_, changed, tag) => {
    const { findings } = await look({ ...filesOf(five), ...changed });
    expect(findings[0]).toMatchObject({ _tag: tag, severity: 'error' });
    expect(isSafe(findings)).toBe(false);
  });

  it('totals that are stale: the rows are looked at all the same', async () => {
    const { findings, episodes } = await look({
      ...filesOf(five),
      'meta/info.json': infoOf(five, { total_frames: 9 }),
    });
    expect(findings).toMatchObject([
      { _tag: 'CountMismatch', numbers: { declared: 9, counted: 160 }, remedy: 'total_frames of meta/info.json: 160' },
    ]);
    expect(episodes).toBe(5);
  });

  it('no dataset at all', async () => {
    const { findings } = await examine('/nowhere')();
    expect(findings).toMatchObject([{ _tag: 'MissingDataset' }]);
  });

  it.each([
    ['overlap', -5],
    ['leave a gap', 7],
  ])('rows of version 3.0 that %s', async (_, off) => {
    const moved = placesOf(five).map((row, i) =>
      i < 3
        ? row
        : {
            ...row,
            dataset_from_index: (row['dataset_from_index'] as bigint) + BigInt(off),
            dataset_to_index: (row['dataset_to_index'] as bigint) + BigInt(off),
          },
    );
    const { findings } = await look(v3FilesOf(five, moved));
    expect(findings[0]).toMatchObject({ _tag: 'InvalidField', severity: 'error', where: { file: 'meta/episodes' } });
    expect(findings[0]?.message).toContain('dataset_from_index should be 93 for episode 3');
  });

  it('rows of version 3.0 past the end of their file', async () => {
    const { findings } = await look({ ...v3FilesOf(five), [v3.rows]: rowsOf(five.slice(0, 4), 0) });
    expect(findings[0]).toMatchObject({ _tag: 'RowCountMismatch', severity: 'error' });
  });
});

describe('videos', () => {
  const facts: VideoFacts = { codec: 'av1', width: 64, height: 48, fps: 10, frames: 160, duration: 16 };
  const describing = (more: Partial<VideoFacts>) => ({ describeVideo: () => TE.right({ ...facts, ...more }) });

  it('as long as their tables are no finding', async () => {
    expect((await look(v3FilesOf(five), describing({}))).findings).toEqual([]);
  });

  it('are asked for by their whole path', async () => {
    const asked: string[] = [];
    const describeVideo: ExamineOptions['describeVideo'] = (file) => {
      asked.push(file);
      return TE.right(facts);
    };
    const dir = onDisk(v3FilesOf(five));
    await examine(dir, { describeVideo })();
    expect(asked).toEqual([`${dir}/${v3.video}`]);
  });

  it.each([
    ['too short', { frames: 150 }, 'VideoLength', 'error'],
    ['of another rate', { fps: 15 }, 'VideoFps', 'warning'],
    ['of another size', { width: 80 }, 'VideoSize', 'warning'],
  ] as const)('%s', async (_, more, tag, severity) => {
    const { findings } = await look(v3FilesOf(five), describing(more));
    expect(findings).toMatchObject([{ _tag: tag, severity, where: { file: v3.video, feature: camera } }]);
  });

  it('that cannot be read', async () => {
    const { findings } = await look(v3FilesOf(five), { describeVideo: () => TE.left('no moov box') });
    expect(findings).toMatchObject([{ _tag: 'UnreadableVideo', episodes: [0, 1, 2, 3, 4] }]);
    expect(findings[0]?.message).toContain('no moov box');
  });

  it.each([
    ['empty', '', 'EmptyVideo'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'VideoLfsPointer'],
  ])('%s, without being opened', async (_, content, tag) => {
    const { findings } = await look({ ...v3FilesOf(five), [v3.video]: content });
    expect(findings[0]).toMatchObject({ _tag: tag, severity: 'error', where: { file: v3.video } });
  });

  it('missing: the rows are looked at all the same', async () => {
    const { [v3.video]: _video, ...files } = v3FilesOf(five);
    const { findings, episodes } = await look(files);
    expect(findings).toMatchObject([
      { _tag: 'MissingVideos', remedy: `copy them, or data.withoutCameras=["${camera}"]` },
    ]);
    expect(episodes).toBe(5);
  });

  it('whose places overlap, or are not as long as their episodes', async () => {
    const moved = placesOf(five).map((row, i) =>
      i === 2 ? { ...row, [`videos/${camera}/from_timestamp`]: 5.1 } : row,
    );
    const { findings } = await look(v3FilesOf(five, moved), describing({}));
    expect(findings).toMatchObject([
      { _tag: 'VideoPlaceLength', where: { episode: 2 }, numbers: { frames: 32, expectedSeconds: 3.2 } },
      { _tag: 'VideoPlacesOverlap', where: { episode: 2 }, numbers: { overlapSeconds: expect.closeTo(1, 9) } },
    ]);
  });
});

it('names what rows have: a gap and a value of 1e30', async () => {
  const gap = { length: 60, time: (frame: number) => frame / 10 + (frame > 30 ? 11 : 0) };
  const slip = {
    length: 60,
    value: (frame: number, dim: number) => (frame === 7 && dim === 1 ? 1e30 : Math.sin(frame + dim)),
  };
  const { findings } = await look(filesOf([...five, gap, slip]));
  expect(findings).toMatchObject([
    { _tag: 'Outlier', where: { feature: 'state', dimension: 'gripper', episode: 6, frame: 7 } },
    { _tag: 'TimeGap', where: { episode: 5, frame: 30 } },
  ]);
});
