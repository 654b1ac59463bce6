import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { type FileError, MemoryDisk, readBytes, type WholeDirectory, wholeDirectory } from '../src/index.js';

const old = ['0/a', '0/b'];
const made = ['1/a', '1/b', '1/c'];

const fill = (disk: MemoryDisk, directory: string, names: readonly string[]): TE.TaskEither<FileError, number> =>
  pipe(
    names,
    TE.traverseSeqArray((name) =>
      pipe(
        disk.makeDirectory(join(directory, name.slice(0, 1))),
        TE.flatMap(() =>
          disk.write(join(directory, name), (put) => put(new TextEncoder().encode(`content of ${name}`))),
        ),
      ),
    ),
    TE.map(() => names.length),
  );

const make = (
  disk: MemoryDisk,
  names: readonly string[],
  existing: NonNullable<WholeDirectory['existing']>,
): Promise<E.Either<FileError, number>> =>
  wholeDirectory(disk, { path: 'models/out', existing })((directory) => fill(disk, directory, names))();

const names = async (disk: MemoryDisk, path: string): Promise<readonly string[] | undefined> => {
  const listed = await disk.list(path)();
  return E.isRight(listed) ? listed.right?.map(({ name }) => name) : undefined;
};

/** Names of the files below the directory, each with its whole content; `undefined` without the directory. */
const content = async (disk: MemoryDisk): Promise<readonly string[] | undefined> => {
  const found: string[] = [];
  const inside = await names(disk, 'models/out');
  for (const folder of inside ?? []) {
    for (const name of (await names(disk, join('models/out', folder))) ?? []) {
      const file = `${folder}/${name}`;
      const bytes = await readBytes(disk, join('models/out', file))();
      expect(E.map((b: Uint8Array) => new TextDecoder().decode(b))(bytes)).toEqual(E.right(`content of ${file}`));
      found.push(file);
    }
  }
  return inside === undefined ? undefined : found;
};

const lucks = [
  ['the process dies', undefined],
  ['the power fails and nothing unsynced survives', (): boolean => false],
  ['the power fails and everything survives', (): boolean => true],
] as const;

const withOld = async (): Promise<MemoryDisk> => {
  const disk = new MemoryDisk();
  expect(await make(disk, old, 'refuse')).toEqual(E.right(old.length));
  disk.operations = 0;
  return disk;
};

const operationsOf = async (disk: MemoryDisk, existing: 'refuse' | 'replace'): Promise<readonly number[]> => {
  expect(await make(disk, made, existing)).toEqual(E.right(made.length));
  return Array.from({ length: disk.operations }, (_, n) => n);
};

const [ofNew, ofReplaced] = await (async () => [
  await operationsOf(new MemoryDisk(), 'refuse'),
  await operationsOf(await withOld(), 'replace'),
])();

describe.each(lucks)('%s at any operation', (_, luck) => {
  it.each(ofNew ?? [])('a new directory is whole or not there, and can be made then: operation %i', async (n) => {
    const disk = new MemoryDisk();
    disk.failAt(n, true);
    await make(disk, made, 'refuse');
    disk.restart();
    if (luck !== undefined) disk.cutPower(luck);
    if ((await content(disk)) === undefined) expect(await make(disk, made, 'refuse')).toEqual(E.right(made.length));
    expect(await content(disk)).toEqual(made);
  });

  it.each(ofReplaced ?? [])('a replaced one is the old, the new or not there: operation %i', async (n) => {
    const disk = await withOld();
    disk.failAt(n, true);
    await make(disk, made, 'replace');
    disk.restart();
    if (luck !== undefined) disk.cutPower(luck);
    expect([old, made, undefined]).toContainEqual(await content(disk));
    expect(await make(disk, made, 'replace')).toEqual(E.right(made.length));
    expect(await content(disk)).toEqual(made);
    expect(await names(disk, 'models')).toEqual(['out']);
  });
});

it.each(ofReplaced ?? [])('a disk that is full at operation %i leaves the old directory or the new', async (n) => {
  const disk = await withOld();
  disk.failAt(n, false);
  const failed = await make(disk, made, 'replace');
  expect(failed).toMatchObject(E.left({ _tag: 'CannotWrite', code: 'ENOSPC' }));
  expect([old, made]).toContainEqual(await content(disk));
});

it('a directory that is there is refused unless it may be replaced', async () => {
  const disk = await withOld();
  expect(await make(disk, made, 'refuse')).toEqual(E.left({ _tag: 'AlreadyExists', path: 'models/out' }));
  expect(await content(disk)).toEqual(old);
});

it('what `fill` refuses is the answer, and nothing is left behind', async () => {
  const disk = new MemoryDisk();
  const refused = wholeDirectory(disk, { path: 'models/out' })(() => TE.left('no'));
  expect(await refused()).toEqual(E.left('no'));
  expect(await names(disk, 'models')).toEqual([]);
});
