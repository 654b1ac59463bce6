import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { extractTarball } from '../../src/native/tarball.js';

/** Writes a header's checksum: the sum of its bytes, the checksum's own taken as spaces. */
const sign = (header: Buffer): void => {
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
};

/** A ustar archive (POSIX.1-1988) of regular files, gzipped. */
const tarball = (members: Readonly<Record<string, string>>): Buffer => {
  const blocks = Object.entries(members).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    sign(header);
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

  it.each([
    ['what is no archive', Buffer.from('not gzip'), /./],
    ['a member outside', tarball({ 'package/../../x': 'x' }), /contains '\.\.'/],
    ['a damaged header', gzipSync(gunzipSync(tarball({ 'package/x': 'x' })).fill('y', 0, 7)), /checksum/],
  ])('refuses %s', async (_what, bytes, reason) => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.tgz'), bytes);
    expect(await extractTarball(join(directory, 'a.tgz'), join(directory, 'out'))()).toMatchObject({
      left: { _tag: 'BadArchive', reason: expect.stringMatching(reason) },
    });
  });

  it('unpacks files alone: a link could lead outside', async () => {
    const directory = await scratch();
    const link = gunzipSync(tarball({ 'package/x': '', 'package/y': 'y' }));
    link.write('2', 156);
    link.write('/etc/hostname', 157);
    sign(link.subarray(0, 512));
    await writeFile(join(directory, 'a.tgz'), gzipSync(link));
    expect(await extractTarball(join(directory, 'a.tgz'), join(directory, 'out'))()).toMatchObject({ _tag: 'Right' });
    expect(await readdir(join(directory, 'out'))).toEqual(['y']);
  });
});
