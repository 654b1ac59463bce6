import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { extractTarball } from '../../src/native/tarball.js';

/** A ustar archive (POSIX.1-1988) of regular files, gzipped. */
const tarball = (members: Readonly<Record<string, string>>): Buffer => {
  const blocks = Object.entries(members).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    const data = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    data.write(content);
    return [header, data];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
};

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-archives-'));

describe('extractTarball', () => {
  it('drops the top directory', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.tgz'), tarball({ 'package/index.js': 'one', 'package/lib/x.js': 'two' }));
    await extractTarball(join(directory, 'a.tgz'), join(directory, 'out'))();
    expect(await readFile(join(directory, 'out', 'lib', 'x.js'), 'utf8')).toBe('two');
  });

  it('refuses what is no archive and a member outside', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.tgz'), 'not gzip');
    await writeFile(join(directory, 'b.tgz'), tarball({ 'package/../../x': 'x' }));
    for (const name of ['a.tgz', 'b.tgz']) {
      expect(await extractTarball(join(directory, name), join(directory, 'out'))()).toMatchObject({
        left: { _tag: 'BadArchive' },
      });
    }
  });
});
