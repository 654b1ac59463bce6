import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { cacheDirectory } from '../src/cache.js';
import { atomicDirectory, exists, onFiles, verifyHash } from '../src/files.js';

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-install-'));

describe('the cache', () => {
  it('is where the user says, else the platform cache', () => {
    expect(cacheDirectory({ TORSOR_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheDirectory({ XDG_CACHE_HOME: '/b' })).toBe(join('/b', 'torsor'));
  });

  it('never holds half a directory', async () => {
    const cache = await scratch();
    const target = join(cache, 'made');
    const failed = await atomicDirectory(target, () => TE.left({ _tag: 'BadArchive', file: 'x', reason: 'y' }))();
    expect(failed._tag).toBe('Left');
    expect(await readdir(cache)).toEqual([]);
    await atomicDirectory(target, (into) => onFiles(into, () => writeFile(join(into, 'f'), '')))();
    expect(await readdir(cache)).toEqual(['made']);
  });

  it('removes what a killed process left, not what a running one is at', async () => {
    const cache = await scratch();
    const dead = `made.partial-${2 ** 30}-x`;
    const alive = `made.partial-${process.pid}-x`;
    for (const name of [dead, alive, `other.partial-${2 ** 30}-x`]) await mkdir(join(cache, name));
    await atomicDirectory(join(cache, 'made'), () => TE.right(undefined))();
    expect((await readdir(cache)).sort()).toEqual(['made', alive, `other.partial-${2 ** 30}-x`]);
  });

  it('drops a file whose hash is another', async () => {
    const path = join(await scratch(), 'f');
    await writeFile(path, 'abc');
    // the FIPS 180-2 test vector
    const right = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await verifyHash(path, right)()).toEqual({ _tag: 'Right', right: path });
    const wrong = createHash('sha256').update('abd').digest('hex');
    expect(await verifyHash(path, wrong)()).toMatchObject({ left: { _tag: 'HashMismatch', actual: right } });
    expect(await exists(path)).toBe(false);
  });
});
