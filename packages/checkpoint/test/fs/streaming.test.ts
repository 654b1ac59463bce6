import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FileSystem, MemoryDisk, type Put, readBytes } from '@torsor/files';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import type { CheckpointContents, Safetensors, TensorFile } from '../../src/index.js';
import {
  encodeSafetensors,
  fetchedTensor,
  fromTypedArray,
  heldTensors,
  readTensor,
  saveCheckpoint,
  withCheckpoint,
  withLatestCheckpoint,
} from '../../src/index.js';
import { contents, fields, params } from '../contents.js';
import { fails, runs } from '../convert/weights.js';
import { load } from './load.js';

const run = 'runs/one';

const withParams = <X>(file: TensorFile<X>): CheckpointContents<X> => ({
  manifest: fields(7),
  files: { 'params.safetensors': file },
});

/** A disk that counts the bytes that are read of files and how many of them are open. */
const counting = (
  disk: FileSystem,
): { readonly fs: FileSystem; readonly read: () => number; readonly open: () => number } => {
  let [read, open] = [0, 0];
  const fs: FileSystem = {
    ...{ makeDirectory: disk.makeDirectory, sync: disk.sync, rename: disk.rename, remove: disk.remove },
    ...{ list: disk.list, write: (path, fill) => disk.write(path, fill) },
    open: (path) =>
      pipe(
        disk.open(path),
        TE.map((file) => {
          open += 1;
          return {
            bytes: file.bytes,
            read: (offset, target) => {
              read += target.byteLength;
              return file.read(offset, target);
            },
            close: () => {
              open -= 1;
              return file.close();
            },
          };
        }),
      ),
  };
  return { fs, read: () => read, open: () => open };
};

/** Bytes of one tensor, and where they are cut into pieces. */
const cut = fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), cuts: fc.array(fc.nat(40), { maxLength: 4 }) });

const piecesOf = (bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] => {
  const ends = [...cuts.map((at) => Math.min(at, bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
};

describe('laws', () => {
  it('a file written in any pieces is the file encoded whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 4 }), async (cuts) => {
        const disk = new MemoryDisk();
        const whole: Safetensors = {
          tensors: new Map(cuts.map(({ bytes }, i) => [`t${i}`, fromTypedArray('U8', [bytes.length], bytes)])),
          metadata: { origin: 'test' },
        };
        const tensors = cuts.map(({ bytes, cuts: at }, i) => ({
          ...{ name: `t${i}`, dtype: 'U8' as const, shape: [bytes.length] },
          write: (put: Put) =>
            pipe(
              piecesOf(bytes, at),
              TE.traverseSeqArray((piece) => put(piece)),
              TE.map(() => undefined),
            ),
        }));
        const path = await runs(saveCheckpoint(run, withParams({ tensors, metadata: whole.metadata }), disk));
        expect(await readBytes(disk, `${path}/params.safetensors`)()).toEqual(encodeSafetensors(whole));
      }),
    );
  });

  it('nothing of a damaged checkpoint is ever used, whichever byte it is, and every file is closed', async () => {
    const [saved, disk] = [contents(7), new MemoryDisk()];
    const path = await runs(saveCheckpoint(run, saved, disk));
    // A changed name is damage, not another model.
    const expected = { architecture: params(7).tensors };
    for (const name of [...Object.keys(saved.files), 'manifest.json']) {
      const file = `${path}/${name}`;
      const bytes = await runs(readBytes(disk, file));
      for (const at of bytes.keys()) {
        await runs(disk.remove(file));
        await runs(disk.write(file, (put) => put(bytes.with(at, (bytes[at] ?? 0) ^ 1))));
        const counted = counting(disk);
        let used = 0;
        const opening = withCheckpoint(path, expected, counted.fs)(() => TE.fromIO(() => (used += 1)));
        expect(await fails(opening), `byte ${at}`).toEqual({ _tag: 'HashMismatch', path, file: name });
        expect([used, counted.open()]).toEqual([0, 0]);
      }
      await runs(disk.remove(file));
      await runs(disk.write(file, (put) => put(bytes)));
    }
  });
});

describe('tensor by tensor', () => {
  it('each is fetched when its turn has come, and the next not before it is written', async () => {
    const disk = new MemoryDisk();
    const told: string[] = [];
    const fetching = (name: string) =>
      fetchedTensor({ name, dtype: 'F32', shape: [2] }, async () => {
        const entries = await disk.list(`${run}/checkpoints/00000007.tmp`)();
        const bytes = E.isRight(entries) ? (entries.right?.[0]?.bytes ?? 0) : Number.NaN;
        told.push(`${name} after ${bytes} bytes`);
        return E.right(Float32Array.of(1, 2));
      });
    const file = { tensors: ['c', 'a', 'b'].map(fetching), metadata: {} };
    const path = await runs(saveCheckpoint(run, withParams(file), disk));
    const size = (await runs(readBytes(disk, `${path}/params.safetensors`))).length;
    expect(told).toEqual([`a after ${size - 24} bytes`, `b after ${size - 16} bytes`, `c after ${size - 8} bytes`]);
  });

  it('a part of a larger array, of more than one piece, is that part alone', async () => {
    const disk = new MemoryDisk();
    const part = Float32Array.from({ length: 2 ** 22 + 9 }, (_, i) => i).subarray(5);
    const tensor = fetchedTensor({ name: 'a', dtype: 'F32', shape: [part.length] }, TE.right(part));
    const path = await runs(saveCheckpoint(run, withParams({ tensors: [tensor], metadata: {} }), disk));
    const read = (await runs(load(path, {}, disk))).tensors.get('params.safetensors')?.get('a')?.elements;
    expect([read?.length, read?.findIndex((element, i) => element !== part[i])]).toEqual([part.length, -1]);
  });

  it('what a tensor refuses is the answer, and nothing is left behind', async () => {
    const disk = new MemoryDisk();
    const refusing = fetchedTensor({ name: 'a', dtype: 'F32', shape: [2] }, TE.left('the device is gone' as const));
    const saved = await saveCheckpoint(run, withParams({ tensors: [refusing], metadata: {} }), disk)();
    expect(saved).toEqual(E.left('the device is gone'));
    expect(await disk.list(`${run}/checkpoints`)()).toEqual(E.right([]));
  });

  it.each([1, 3])('a tensor of two elements that gives %i is refused, and nothing is left behind', async (given) => {
    const disk = new MemoryDisk();
    const wrong = fetchedTensor({ name: 'a', dtype: 'F32', shape: [2] }, TE.right(new Float32Array(given)));
    const saving = saveCheckpoint(run, withParams({ tensors: [wrong], metadata: {} }), disk);
    expect(await fails(saving)).toMatchObject({
      _tag: 'BadSafetensors',
      error: { _tag: 'SizeMismatch', name: 'a', expected: 8, actual: 4 * given },
    });
    expect(await disk.list(`${run}/checkpoints`)()).toEqual(E.right([]));
  });

  it('a manifest that is refused is refused before any tensor is fetched', async () => {
    let fetched = 0;
    const tensor = fetchedTensor({ name: 'a', dtype: 'U8', shape: [1] }, async () => {
      fetched += 1;
      return E.right(Uint8Array.of(1));
    });
    const saving = saveCheckpoint(
      run,
      { ...withParams({ tensors: [tensor], metadata: {} }), manifest: { ...fields(7), key: [0, 2 ** 32] } },
      new MemoryDisk(),
    );
    expect(await fails(saving)).toMatchObject({ _tag: 'BadManifest', field: 'key' });
    expect(fetched).toBe(0);
  });
});

describe('what is expected', () => {
  const large = fromTypedArray('U8', [100_000], new Uint8Array(100_000));
  const file = heldTensors({ tensors: new Map([...params(7).tensors, ['large', large]]), metadata: {} });

  it.each([
    ['another shape', { architecture: params(7).tensors }],
    ['another configuration', { config: { model: { width: 65 } } }],
    ['another vocabulary', { vocabSize: 9 }],
    ['other statistics', { normalization: { mode: 'quantile', statistics: {} } }],
  ])('%s is refused before a tensor is read', async (_, expectations) => {
    const disk = new MemoryDisk();
    const path = await runs(saveCheckpoint(run, withParams(file), disk));
    const { fs, read } = counting(disk);
    expect((await fails(withCheckpoint(path, expectations, fs)(() => TE.right(0))))._tag).toMatch(/Mismatch$/);
    expect(read()).toBeLessThan(3000);
  });

  it('a mismatch of the newest checkpoint is not passed over, and neither is what its use refuses', async () => {
    const disk = new MemoryDisk();
    for (const step of [6, 7]) await runs(saveCheckpoint(run, { ...withParams(file), manifest: fields(step) }, disk));
    const other = { architecture: params(7).tensors };
    expect(await fails(withLatestCheckpoint(run, other, disk)(() => TE.right(0)))).toMatchObject({
      _tag: 'ArchitectureMismatch',
      path: 'runs/one/checkpoints/00000007',
    });
    let used = 0;
    const refusing = withLatestCheckpoint(
      run,
      {},
      disk,
    )(() => {
      used += 1;
      return TE.left('no memory' as const);
    });
    expect(await refusing()).toEqual(E.left('no memory'));
    expect(used).toBe(1);
  });
});

describe('a checkpoint of before', () => {
  const path = fileURLToPath(new URL('../fixtures/checkpoints/00000007', import.meta.url));

  it('is read', async () => {
    const loaded = await runs(load(path));
    expect(loaded.manifest).toMatchObject({ ...fields(7), formatVersion: 1 });
    const elements = (file: string, name: string): unknown => loaded.tensors.get(file)?.get(name)?.elements;
    expect(elements('params.safetensors', 'head/kernel')).toEqual(Float32Array.of(7, 1, 2, 3));
    expect(elements('ema.safetensors', 'head/bias')).toEqual(Float32Array.of(4, 5));
    expect(loaded.files).toEqual(new Map([['notes.txt', Uint8Array.of(104, 105)]]));
  });

  it('is written byte for byte as before', async () => {
    const disk = new MemoryDisk();
    const again = await runs(saveCheckpoint(run, contents(7), disk));
    for (const file of [...Object.keys(contents(7).files), 'manifest.json']) {
      const bytes = await runs(readBytes(disk, `${again}/${file}`));
      expect([...bytes], file).toEqual([...readFileSync(`${path}/${file}`)]);
    }
  });

  it('gives one tensor of many', async () => {
    const bias = await runs(
      withCheckpoint(path)(({ sources }) => {
        const source = sources.get('params.safetensors');
        return source === undefined
          ? TE.left({ _tag: 'MissingFile', path, file: '' })
          : readTensor(source, 'head/bias');
      }),
    );
    expect(bias).toEqual({ dtype: 'F32', shape: [2], elements: Float32Array.of(4, 5) });
  });
});
