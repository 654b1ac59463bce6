import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  nodeFileSystem as disk,
  readBytes,
  sha256OfFile,
  showFileError,
  wholeDirectory,
  wholeFile,
  withFile,
} from '../src/index.js';

const root = mkdtempSync(join(tmpdir(), 'torsor-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let dir = '';
let serial = 0;
beforeEach(() => {
  serial += 1;
  dir = join(root, String(serial));
  mkdirSync(dir);
});

describe("the machine's disk", () => {
  it('makes directories below each other and accepts those that are there', async () => {
    expect(await disk.makeDirectory(join(dir, 'a', 'b', 'c'))()).toEqual(E.right(undefined));
    expect(await disk.makeDirectory(join(dir, 'a', 'b'))()).toEqual(E.right(undefined));
    expect(readdirSync(join(dir, 'a'))).toEqual(['b']);
  });

  it('refuses a directory where a file stands, by its path', async () => {
    writeFileSync(join(dir, 'file'), '');
    const refused = await disk.makeDirectory(join(dir, 'file', 'below'))();
    expect(refused).toMatchObject(E.left({ _tag: 'CannotWrite', path: join(dir, 'file', 'below'), code: 'ENOTDIR' }));
    expect(E.isLeft(refused) && showFileError(refused.left)).toContain('a file stands where a directory is needed');
    expect(await disk.makeDirectory(join(dir, 'file'))()).toMatchObject(E.left({ _tag: 'CannotWrite' }));
  });

  it.runIf(existsSync('/proc/self'))(
    'answers where a directory takes no entries and denies that it is there',
    async () => {
      expect(await disk.makeDirectory('/proc/none/below')()).toMatchObject(E.left({ _tag: 'CannotWrite' }));
    },
  );

  it('writes in pieces, reads at any place, and never over a file', async () => {
    const path = join(dir, 'f');
    const write = disk.write(path, (put) =>
      pipe(
        put(Uint8Array.of(1, 2)),
        TE.flatMap(() => put(Uint8Array.of(3))),
      ),
    );
    expect(await write()).toEqual(E.right(undefined));
    expect(await write()).toMatchObject(E.left({ _tag: 'CannotWrite', code: 'EEXIST' }));
    expect(await readBytes(disk, path)()).toEqual(E.right(Uint8Array.of(1, 2, 3)));
    const target = new Uint8Array(2);
    const part = withFile(disk, path)((file) => file.read(1, target));
    expect([await part(), [...target]]).toEqual([E.right(undefined), [2, 3]]);
    const beyond = withFile(disk, path)((file) => file.read(2, target));
    expect(await beyond()).toMatchObject(E.left({ _tag: 'CannotRead', path }));
  });

  it('what fills a file may refuse', async () => {
    expect(await disk.write(join(dir, 'f'), () => TE.left('no'))()).toEqual(E.left('no'));
  });

  it('lists files, directories and links; of a link the size of what it leads to', async () => {
    writeFileSync(join(dir, 'f'), 'abc');
    mkdirSync(join(dir, 'd'));
    symlinkSync('f', join(dir, 'l'));
    symlinkSync('nothing', join(dir, 'm'));
    const listed = await disk.list(dir)();
    expect(E.isRight(listed) && [...(listed.right ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'd', isDirectory: true, isLink: false, bytes: 0 },
      { name: 'f', isDirectory: false, isLink: false, bytes: 3 },
      { name: 'l', isDirectory: false, isLink: true, bytes: 3 },
      { name: 'm', isDirectory: false, isLink: true, bytes: 0 },
    ]);
    expect(await disk.list(join(dir, 'none'))()).toEqual(E.right(undefined));
  });

  it('takes the SHA-256 of a file of several pieces', async () => {
    const bytes = Uint8Array.from({ length: 5 * 2 ** 20 }, (_, i) => i % 251);
    writeFileSync(join(dir, 'f'), bytes);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(await sha256OfFile(disk, join(dir, 'f'))()).toEqual(E.right(expected));
    writeFileSync(join(dir, 'abc'), 'abc');
    // The FIPS 180-2 test vector.
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await sha256OfFile(disk, join(dir, 'abc'))()).toEqual(E.right(abc));
  });
});

describe('whole or not at all, on it', () => {
  it('a directory with directories and links is made, and replaced', async () => {
    const path = join(dir, 'out');
    const make = (text: string) =>
      wholeDirectory(disk, { path, existing: 'replace' })((into) =>
        TE.fromIO(() => {
          mkdirSync(join(into, 'd'));
          writeFileSync(join(into, 'd', 'f'), text);
          symlinkSync('nothing', join(into, 'l'));
        }),
      );
    for (const text of ['one', 'two']) {
      expect(await make(text)()).toEqual(E.right(undefined));
      expect(readFileSync(join(path, 'd', 'f'), 'utf8')).toBe(text);
      expect(readdirSync(dir)).toEqual(['out']);
    }
  });

  it('a file is written below directories that are not there yet, and written anew', async () => {
    const path = join(dir, 'a', 'f.json');
    for (const text of ['{}', '[]']) {
      expect(await wholeFile(disk, path)(text)()).toEqual(E.right(undefined));
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(readdirSync(join(dir, 'a'))).toEqual(['f.json']);
    }
  });
});
