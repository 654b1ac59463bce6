import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { MemoryDisk, readText, wholeFile } from '../src/index.js';

const path = 'run/config.json';

const withOld = async (): Promise<MemoryDisk> => {
  const disk = new MemoryDisk();
  expect(await wholeFile(disk, path)('the old text')()).toEqual(E.right(undefined));
  disk.operations = 0;
  return disk;
};

const operations = await (async () => {
  const disk = await withOld();
  expect(await wholeFile(disk, path)('the new text')()).toEqual(E.right(undefined));
  return Array.from({ length: disk.operations }, (_, n) => n);
})();

describe.each([
  ['the process dies', undefined],
  ['the power fails and nothing unsynced survives', (): boolean => false],
  ['the power fails and everything survives', (): boolean => true],
] as const)('%s: a reader sees the old text or the new', (_, luck) => {
  it.each(operations)('operation %i', async (n) => {
    const disk = await withOld();
    disk.failAt(n, true);
    await wholeFile(disk, path)('the new text')();
    disk.restart();
    if (luck !== undefined) disk.cutPower(luck);
    expect([E.right('the old text'), E.right('the new text')]).toContainEqual(await readText(disk, path)());
    expect(await wholeFile(disk, path)('the last text')()).toEqual(E.right(undefined));
    expect(await readText(disk, path)()).toEqual(E.right('the last text'));
  });

  it('what was promised survives', async () => {
    const disk = await withOld();
    expect(await wholeFile(disk, path)('the new text')()).toEqual(E.right(undefined));
    if (luck !== undefined) disk.cutPower(luck);
    expect(await readText(disk, path)()).toEqual(E.right('the new text'));
  });
});

it.each(operations)('a disk that is full at operation %i leaves no other file', async (n) => {
  const disk = await withOld();
  disk.failAt(n, false);
  expect(await wholeFile(disk, path)('the new text')()).toMatchObject(E.left({ _tag: 'CannotWrite' }));
  const listed = await disk.list('run')();
  expect(E.isRight(listed) && listed.right?.map(({ name }) => name)).toEqual(['config.json']);
});
