import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { wholeDirectory } from '../../src/fs/whole-directory.js';
import type { CheckpointError } from '../../src/index.js';
import { MemoryDisk } from './memory-disk.js';

const files = ['a', 'b'];

const make = (disk: MemoryDisk): Promise<E.Either<CheckpointError, number>> =>
  wholeDirectory(disk, 'models/out', async (directory) => {
    for (const name of files) {
      const path = join(directory, name);
      const written = await disk.write(path, Uint8Array.of(1, 2, 3, 4))();
      const synced = E.isLeft(written) ? written : await disk.sync(path)();
      if (E.isLeft(synced)) return synced;
    }
    return E.right(files.length);
  });

const operations = await (async () => {
  const disk = new MemoryDisk();
  expect(await make(disk)).toEqual(E.right(files.length));
  return disk.operations;
})();

const names = async (disk: MemoryDisk, path: string): Promise<readonly string[] | undefined> => {
  const listed = await disk.list(path)();
  return E.isRight(listed) ? listed.right?.map(({ name }) => name) : undefined;
};

describe.each([
  ['the process dies', undefined],
  ['the power fails and nothing unsynced survives', (): boolean => false],
  ['the power fails and everything survives', (): boolean => true],
] as const)('%s at any operation: the directory is whole or not there, and can be made then', (_, luck) => {
  it.each(Array.from({ length: operations }, (_unused, n) => n))('operation %i', async (n) => {
    const disk = new MemoryDisk();
    disk.failAt(n, true);
    await make(disk);
    disk.restart();
    if (luck !== undefined) disk.cutPower(luck);
    const there = await names(disk, 'models/out');
    if (there === undefined) expect(await make(disk)).toEqual(E.right(files.length));
    expect(await names(disk, 'models/out')).toEqual(files);
    for (const name of files)
      expect(await disk.read(join('models/out', name))()).toEqual(E.right(Uint8Array.of(1, 2, 3, 4)));
  });
});

it('a failure leaves nothing behind', async () => {
  const disk = new MemoryDisk();
  const error: CheckpointError = { _tag: 'BadOption', option: 'x', expected: 'y' };
  expect(await wholeDirectory(disk, 'models/out', async () => E.left(error))).toEqual(E.left(error));
  expect(await names(disk, 'models')).toEqual([]);
});
