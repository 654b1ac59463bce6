import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractZip } from '../src/zip.js';

/** A zip file after PKWARE's APPNOTE 6.3, with the fields that a reader needs. */
const zip = (members: Readonly<Record<string, Buffer>>, stored: boolean): Buffer => {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const data = stored ? content : deflateRawSync(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(stored ? 0 : 8, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.endsWith('.sh') ? 0o755 : 0o644, 40);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    entries.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
};

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-archives-'));

describe('extractZip', () => {
  it('gives back what was packed, stored or deflated', async () => {
    const contents = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array({ maxLength: 300 }), {
      minKeys: 1,
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(contents, fc.boolean(), async (members, stored) => {
        const directory = await scratch();
        const buffers = Object.fromEntries(
          Object.entries(members).map(([name, data]) => [`d/${name}`, Buffer.from(data)]),
        );
        await writeFile(join(directory, 'a.zip'), zip(buffers, stored));
        const count = await extractZip(join(directory, 'a.zip'), join(directory, 'out'), () => true)();
        expect(count).toEqual({ _tag: 'Right', right: Object.keys(members).length });
        for (const [name, data] of Object.entries(buffers)) {
          expect((await readFile(join(directory, 'out', name))).equals(data)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('takes only what is asked for, and says when that is nothing', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.zip'), zip({ a: Buffer.from('1'), b: Buffer.from('2') }, false));
    await extractZip(join(directory, 'a.zip'), join(directory, 'out'), (name) => name === 'b')();
    expect(await readdir(join(directory, 'out'))).toEqual(['b']);
    const nothing = await extractZip(join(directory, 'a.zip'), join(directory, 'out'), () => false)();
    expect(nothing).toMatchObject({ left: { _tag: 'BadArchive' } });
  });

  it('keeps what is executable so', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'a.zip'), zip({ 'a.sh': Buffer.from('1'), b: Buffer.from('2') }, false));
    await extractZip(join(directory, 'a.zip'), join(directory, 'out'), () => true)();
    const executable = async (name: string) => ((await stat(join(directory, 'out', name))).mode & 0o100) !== 0;
    expect([await executable('a.sh'), await executable('b')]).toEqual([true, false]);
  });

  it('refuses a damaged archive and a member outside', async () => {
    const directory = await scratch();
    await writeFile(join(directory, 'cut.zip'), zip({ a: Buffer.from('1') }, false).subarray(0, 40));
    await writeFile(join(directory, 'evil.zip'), zip({ '../a': Buffer.from('1') }, false));
    for (const name of ['cut.zip', 'evil.zip']) {
      const refused = await extractZip(join(directory, name), join(directory, 'out'), () => true)();
      expect(refused).toMatchObject({ left: { _tag: 'BadArchive' } });
    }
  });
});
