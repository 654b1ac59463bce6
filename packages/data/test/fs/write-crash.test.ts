import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Luck, MemoryDisk, readBytes } from '@torsor/files';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import {
  createDataset,
  type DataError,
  type Dataset,
  type DatasetSpec,
  type DatasetWriter,
  type NewEpisode,
  openForAppending,
  readDataset,
  type VideoEncoder,
  type WriteError,
} from '../../src/index.js';
import { succeeds } from '../writing/recordings.js';

const root = 'datasets/one';

/** Data files of two episodes, chunks of one file. */
const spec: DatasetSpec = {
  fps: 10,
  limits: { chunksSize: 1, dataFilesSizeInMb: 0.009 },
  features: {
    'observation.state': { dtype: 'float32', shape: [2] },
    action: { dtype: 'float32', shape: [1] },
    'observation.images.side': { dtype: 'video', shape: [2, 2, 3] },
  },
};

const lengths = [2, 3, 1];

const episodeOf = (index: number): NewEpisode => {
  const length = lengths[index] ?? 1;
  const numbers = (width: number): number[] => Array.from({ length: length * width }, (_, i) => index * 100 + i);
  const pictures = Uint8Array.from({ length: length * 12 }, (_, i) => (index * 40 + i) & 255);
  return {
    task: index % 2 === 0 ? 'pick' : 'place',
    values: { 'observation.state': numbers(2), action: numbers(1) },
    cameras: { 'observation.images.side': pictures },
  };
};

/** Writes the bytes of all frames: what a video is does not matter here, where it lies does. */
const videoOn = (disk: MemoryDisk): VideoEncoder => ({
  codec: 'h264',
  encode: (file, frames) => {
    const all = [...frames].map((frame) => Uint8Array.from(frame));
    return pipe(
      disk.write(file, (put) => put(Uint8Array.from(all.flatMap((frame) => [...frame])))),
      TE.bimap(
        (error) => error._tag,
        () => all.length,
      ),
    );
  },
});

const optionsOf = (disk: MemoryDisk) => ({ fileSystem: disk, video: videoOn(disk) });

/** Adds the episodes from one on, then closes; which of them were answered for. */
const record = async (
  opened: TE.TaskEither<WriteError, DatasetWriter>,
  from: (answered: readonly number[]) => number,
): Promise<{ readonly answered: readonly number[]; readonly closed: boolean }> => {
  const writer = await opened();
  const answered: number[] = [];
  if (E.isLeft(writer)) return { answered, closed: false };
  for (let next = from(answered); next < lengths.length; next++) {
    const added = await writer.right.addEpisode(episodeOf(next))();
    if (E.isRight(added)) answered.push(added.right);
  }
  return { answered, closed: E.isRight(await writer.right.close()()) };
};

const whole = (disk: MemoryDisk) => record(createDataset(root, spec, optionsOf(disk)), () => 0);

/** Every file of the disk below a directory. */
const filesOf = async (disk: MemoryDisk, path: string): Promise<readonly string[]> => {
  const entries = await succeeds(disk.list(path));
  const found: string[] = [];
  for (const { name, isDirectory } of entries ?? []) {
    found.push(...(isDirectory ? await filesOf(disk, join(path, name)) : [join(path, name)]));
  }
  return found;
};

/** What `readDataset` reads of the disk. */
const read = async (disk: MemoryDisk): ReturnType<ReturnType<typeof readDataset>> => {
  const dir = mkdtempSync(join(tmpdir(), 'torsor-data-'));
  for (const file of await filesOf(disk, 'datasets')) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), await succeeds(readBytes(disk, file)));
  }
  return readDataset(join(dir, root))();
};

/** The first episodes of the whole, exactly, and how many. */
const checkPrefix = ({ episodes, tasks }: Dataset): number => {
  for (const [i, episode] of episodes.entries()) {
    const { values, task } = episodeOf(i);
    expect([...episode.state]).toEqual(values['observation.state']);
    expect([...episode.action]).toEqual(values['action']);
    expect([...episode.taskIndex].map((index) => tasks.get(index))).toEqual(
      new Array<unknown>(lengths[i] ?? 0).fill(task),
    );
  }
  return episodes.length;
};

const countOf = async (disk: MemoryDisk): Promise<number | string> =>
  E.match(({ _tag }: DataError): number | string => _tag, checkPrefix)(await read(disk));

/** What a reader may say of a dataset whose writer was interrupted, but for what it read. */
const refusals = ['MissingDataset', 'MissingFile', 'CountMismatch'];

/** How many episodes the next writer finds, asked without adding one: the number that an empty one would have. */
const foundBy = async (disk: MemoryDisk): Promise<number> => {
  const writer = await openForAppending(root, spec, optionsOf(disk))();
  if (E.isLeft(writer)) {
    expect(writer.left._tag).toBe('CannotRead');
    return 0;
  }
  const refused = await writer.right.addEpisode({ ...episodeOf(0), task: '' })();
  return E.isLeft(refused) && refused.left._tag === 'InvalidEpisode' ? refused.left.episode : expect.fail();
};

const goOn = async (disk: MemoryDisk): Promise<void> => {
  const there = (await succeeds(disk.list(root))) !== undefined;
  const from = there ? await foundBy(disk) : 0;
  const opened = there ? openForAppending(root, spec, optionsOf(disk)) : createDataset(root, spec, optionsOf(disk));
  expect((await record(opened, () => from)).closed).toBe(true);
  expect(await countOf(disk)).toBe(lengths.length);
  const left = await filesOf(disk, root);
  expect(left.filter((file) => !/\/(data|videos|meta)\/.*\.(parquet|mp4|json)$/.test(file))).toEqual([]);
  expect(left.filter((file) => file.endsWith('.mp4')).length).toBe(lengths.length);
};

const contentOf = async (disk: MemoryDisk): Promise<ReadonlyMap<string, string>> => {
  const content = new Map<string, string>();
  for (const file of await filesOf(disk, root)) content.set(file, String(await succeeds(readBytes(disk, file))));
  return content;
};

const finished = await (async () => {
  const disk = new MemoryDisk();
  expect(await whole(disk)).toEqual({ answered: [0, 1, 2], closed: true });
  return { operations: disk.operations, content: await contentOf(disk) };
})();

it('the script fills files and chunks', () => {
  const data = [...finished.content.keys()].filter((file) => file.includes('/data/'));
  expect(data.length).toBeGreaterThan(1);
  expect(data.length).toBeLessThan(lengths.length);
});

const every = (step: number): readonly number[] =>
  Array.from({ length: Math.ceil(finished.operations / step) }, (_, i) => i * step);

// A reader and a writer at each take long; the property below is at any.
const lucks: readonly [string, readonly number[], Luck | undefined][] = [
  ['the process dies', every(23), undefined],
  ['the power fails and nothing unsynced survives', every(17), () => false],
  ['the power fails and everything survives', every(29), () => true],
];

describe.each(lucks)('%s at an operation', (_, operations, luck) => {
  it('a reader has the first episodes, or a refusal by name; the next writer has all that were answered for', async () => {
    for (const n of operations) {
      const disk = new MemoryDisk();
      disk.failAt(n, true);
      const { answered } = await whole(disk);
      disk.restart();
      if (luck !== undefined) disk.cutPower(luck);
      const seen = await countOf(disk);
      expect(typeof seen === 'number' || refusals.includes(seen), `operation ${n}: ${seen}`).toBe(true);
      const there = (await succeeds(disk.list(root))) !== undefined;
      const found = there ? await foundBy(disk) : 0;
      expect(found, `operation ${n}`).toBeGreaterThanOrEqual(answered.length);
      await goOn(disk);
    }
  });
});

it('cut off anywhere, any luck, and again while it goes on: nothing answered for is lost', async () => {
  const cuts = fc.array(fc.nat(finished.operations), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(cuts, fc.infiniteStream(fc.boolean()), async (points, coins) => {
      const disk = new MemoryDisk();
      let promised = 0;
      for (const at of points) {
        const there = (await succeeds(disk.list(root))) !== undefined;
        const from = there ? await foundBy(disk) : 0;
        expect(from).toBeGreaterThanOrEqual(promised);
        disk.failAt(at, true);
        const opened = there
          ? openForAppending(root, spec, optionsOf(disk))
          : createDataset(root, spec, optionsOf(disk));
        const { answered } = await record(opened, () => from);
        promised = Math.max(promised, from, (answered.at(-1) ?? -1) + 1);
        disk.restart();
        disk.cutPower(() => coins.next().value);
      }
      await goOn(disk);
    }),
    { numRuns: 8 },
  );
});

/** Opens a writer on a disk that refuses one operation. */
const insisting = async (disk: MemoryDisk): Promise<DatasetWriter> => {
  const make = createDataset(root, spec, optionsOf(disk));
  // It may have been made, but its name not yet known to be on the disk.
  for (const open of [make, make]) {
    const writer = await open();
    if (E.isRight(writer)) return writer.right;
  }
  return succeeds(openForAppending(root, spec, optionsOf(disk)));
};

it('a disk that is full at any operation refuses it, and the same writer goes on to the same files', async () => {
  for (const n of every(11)) {
    const disk = new MemoryDisk();
    disk.failAt(n, false);
    const { addEpisode, close } = await insisting(disk);
    for (const index of lengths.keys()) {
      const add = addEpisode(episodeOf(index));
      expect(
        await succeeds(
          pipe(
            add,
            TE.orElse(() => add),
          ),
        ),
      ).toBe(index);
    }
    await succeeds(pipe(close(), TE.orElse(close)));
    disk.restart();
    const content = await contentOf(disk);
    expect([...content.keys()].toSorted(), `operation ${n}`).toEqual([...finished.content.keys()].toSorted());
    for (const [file, bytes] of finished.content) expect(content.get(file) === bytes, `${n} ${file}`).toBe(true);
  }
});
