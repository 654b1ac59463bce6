import { chmod, mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheKey, compileCache, fileIdentity, noCache } from '../../src/native/cache.js';

const directory = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-cache-'));

const key: CacheKey = { module: 'module {}', options: Uint8Array.of(1, 2), target: ['plugin 1', 'cpu'] };
const code = Uint8Array.from({ length: 300 }, (_, i) => i);

const stored = async (): Promise<{ readonly at: string; readonly path: string }> => {
  const at = await directory();
  await compileCache(at).write(key, code);
  const [name = ''] = await readdir(at);
  return { at, path: join(at, name) };
};

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex');

describe('compileCache', () => {
  it('gives back what was stored, also to another opening, and nothing for another key', async () => {
    const { at } = await stored();
    expect(text(await compileCache(at).read(key))).toBe(text(code));
    for (const other of [
      { ...key, module: 'module { }' },
      { ...key, options: Uint8Array.of(1, 3) },
      { ...key, target: ['plugin 2', 'cpu'] },
      { ...key, target: ['plugin 1cpu'] },
    ])
      expect(await compileCache(at).read(other)).toBeUndefined();
    expect(await noCache.read(key)).toBeUndefined();
  });

  it('takes an entry with any byte changed, or cut anywhere, for absent', async () => {
    const { at, path } = await stored();
    const whole = await readFile(path);
    const places = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), fc.boolean(), async (place, change, cut) => {
        const bad = cut ? whole.subarray(0, place) : Buffer.from(whole);
        if (!cut) bad.writeUInt8((whole.readUInt8(place) + change) % 256, place);
        await writeFile(path, bad);
        expect(await compileCache(at).read(key)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
    await compileCache(at).write(key, code);
    expect(text(await compileCache(at).read(key))).toBe(text(code));
  });

  it('takes a file of another origin, and a directory of that name, for absent', async () => {
    const { at, path } = await stored();
    await writeFile(path, 'torsor-xla-0\n something of an older form');
    expect(await compileCache(at).read(key)).toBeUndefined();
    expect(await compileCache(join(path, 'below a file')).read(key)).toBeUndefined();
  });

  it('keeps to its size: what was read or written longest ago leaves', async () => {
    const at = await directory();
    const keys = ['a', 'b', 'c'].map((module) => ({ ...key, module }));
    const cache = compileCache(at, { limit: 800 });
    const [a = key, b = key, c = key] = keys;
    await cache.write(a, code);
    await cache.write(b, code);
    const old = new Date('2020-01-01');
    for (const name of await readdir(at)) await utimes(join(at, name), old, old);
    expect(await cache.read(a)).toBeDefined();
    await cache.write(c, code);
    expect(await cache.read(b)).toBeUndefined();
    expect(text(await cache.read(a))).toBe(text(code));
    expect(text(await cache.read(c))).toBe(text(code));
  });

  it('leaves no unfinished file, removes abandoned ones, and touches no other', async () => {
    const { at, path } = await stored();
    for (const name of [`${path}.part-old`, `${path}.part-new`, join(at, 'notes')]) await writeFile(name, 'x');
    await utimes(`${path}.part-old`, new Date('2020-01-01'), new Date('2020-01-01'));
    await utimes(join(at, 'notes'), new Date('2020-01-01'), new Date('2020-01-01'));
    await compileCache(at, { limit: 0 }).write({ ...key, module: '' }, code);
    expect((await readdir(at)).map((name) => join(at, name)).toSorted()).toEqual(
      [`${path}.part-new`, join(at, 'notes')].toSorted(),
    );
  });

  it('several writers of one entry leave one whole entry', async () => {
    const at = await directory();
    await Promise.all(Array.from({ length: 20 }, () => compileCache(at).write(key, code)));
    expect((await readdir(at)).length).toBe(1);
    expect(text(await compileCache(at).read(key))).toBe(text(code));
  });

  it('says once that a directory cannot be written, and fails nothing', async () => {
    const { path } = await stored();
    const lines: string[] = [];
    const cache = compileCache(join(path, 'below a file'), { log: (line) => lines.push(line) });
    await cache.write(key, code);
    await cache.write(key, code);
    expect(lines).toEqual([expect.stringMatching(/^compiled programs are not kept: .*below a file/)]);
  });

  it.skipIf(process.getuid?.() === 0)('reads from a directory that it may not write', async () => {
    const { at } = await stored();
    await chmod(at, 0o500);
    expect(text(await compileCache(at).read(key))).toBe(text(code));
    await chmod(at, 0o700);
  });
});

describe('fileIdentity', () => {
  it('differs when a file is replaced in its place', async () => {
    const { path } = await stored();
    const before = fileIdentity(path);
    expect(fileIdentity(path)).toBe(before);
    await writeFile(path, 'another');
    expect(fileIdentity(path)).not.toBe(before);
  });
});
