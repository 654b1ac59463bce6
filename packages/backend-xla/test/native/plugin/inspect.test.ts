import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showPluginError } from '../../../src/native/plugin/error.js';
import { inspectPlugin } from '../../../src/native/plugin/inspect.js';
import { library } from './library.js';

const remedy = 'Do this.';
const x64 = { machine: 62, defined: 'GetPjrtApi', needed: 'malloc' };
const directory = await mkdtemp(join(tmpdir(), 'torsor-elf-'));

const inspected = async (bytes: Buffer, architecture = 'x64') => {
  const path = join(directory, 'plugin.so');
  await writeFile(path, bytes);
  return inspectPlugin({ path, remedy }, architecture, 'linux')();
};

const patched = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = library(x64);
  change(bytes);
  return bytes;
};

const right = { _tag: 'Right', right: undefined };

describe('inspectPlugin', () => {
  it('takes a library that defines GetPjrtApi', async () => {
    expect(await inspected(library(x64))).toEqual(right);
    expect(await inspected(library({ ...x64, machine: 183 }), 'arm64')).toEqual(right);
  });

  it('refuses it when any of its last bytes is missing', async () => {
    const whole = library(x64);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        const cut = await inspected(whole.subarray(0, length));
        expect(cut).toMatchObject({ left: { _tag: 'Truncated', actualBytes: length, remedy } });
      }),
      { numRuns: 30 },
    );
  });

  it('is total: whatever one byte is changed to, it gives an answer about this file', async () => {
    const whole = library(x64);
    const change = fc.tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, value]) => {
        const result = await inspected(patched((bytes) => bytes.writeUInt8(value, at)));
        const tags = ['Truncated', 'WrongArchitecture', 'NotAPlugin'];
        if (result._tag === 'Left') expect(tags).toContain(result.left._tag);
      }),
      { numRuns: 100 },
    );
  });

  it('names both architectures when they differ', async () => {
    const refused = await inspected(library({ ...x64, machine: 183 }));
    expect(refused).toMatchObject({ left: { _tag: 'WrongArchitecture', expected: 'x64', actual: 'arm64' } });
    expect(refused._tag === 'Left' && showPluginError(refused.left)).toBe(
      `${join(directory, 'plugin.so')} is for arm64, this process runs on x64. Do this.`,
    );
  });

  it.each([
    ['a library that only needs GetPjrtApi', library({ ...x64, defined: 'main', needed: 'GetPjrtApi' })],
    ['one whose function has a longer name', library({ ...x64, defined: 'GetPjrtApi2' })],
    ['text', Buffer.from('<html>not found</html>'.padEnd(100))],
    ['a 32-bit file', patched((bytes) => bytes.writeUInt8(1, 4))],
    ['a program', patched((bytes) => bytes.writeUInt16LE(2, 16))],
    ['damaged tables', patched((bytes) => bytes.writeUInt16LE(3, 58))],
  ])('%s is no plugin', async (_, bytes) => {
    expect(await inspected(bytes)).toMatchObject({ left: { _tag: 'NotAPlugin', remedy } });
  });

  it('says what is missing, and what is a directory', async () => {
    const path = join(directory, 'nowhere.so');
    expect(await inspectPlugin({ path, remedy })()).toEqual({ _tag: 'Left', left: { _tag: 'Missing', path, remedy } });
    const folder = await inspectPlugin({ path: directory, remedy }, 'x64', 'linux')();
    const reason = 'it is a directory';
    expect(folder).toEqual({ _tag: 'Left', left: { _tag: 'NotAPlugin', path: directory, reason, remedy } });
  });
});
