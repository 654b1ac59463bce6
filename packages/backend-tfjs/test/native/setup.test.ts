import { createHash } from 'node:crypto';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cacheDirectory } from '../../src/native/cache.js';
import { runCommand } from '../../src/native/command.js';
import { showNativeSetupError } from '../../src/native/error.js';
import { atomicDirectory, exists, onFiles, verifyHash } from '../../src/native/files.js';
import { neededFromWheel } from '../../src/native/link.js';
import { supportedPlatforms, wheelsFor } from '../../src/native/pins.js';
import { probeTfjs } from '../../src/native/probe.js';
import { setupTfjsNative } from '../../src/native/setup.js';

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-setup-'));

afterEach(() => vi.unstubAllEnvs());

describe('setupTfjsNative', () => {
  it('says everything that is missing and how to get it, before it downloads', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const cache = await scratch();
    const result = await setupTfjsNative({ variant: 'cpu', cache, log: () => undefined })();
    expect(result).toMatchObject({ left: { _tag: 'MissingTools' } });
    const message = result._tag === 'Left' ? showNativeSetupError(result.left) : '';
    for (const word of ['pip', 'g++', 'npm', 'apt-get install g++']) expect(message).toContain(word);
    expect(await readdir(cache)).toEqual([]);
  });

  it('pins a wheel with its hash for each platform it names', () => {
    for (const name of supportedPlatforms) {
      const [variant, platform = ''] = name.split(' ');
      const wheels = wheelsFor(variant === 'cuda' ? 'cuda' : 'cpu', platform) ?? [];
      expect(wheels.length).toBeGreaterThan(0);
      for (const wheel of wheels) expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(wheelsFor('cpu', 'win32-x64')).toBeUndefined();
  });

  it('takes the two libraries and the C headers of a wheel, not its Python', () => {
    expect(neededFromWheel('tensorflow/libtensorflow_cc.so.2')).toBe(true);
    expect(neededFromWheel('tensorflow/include/tensorflow/c/c_api.h')).toBe(true);
    expect(neededFromWheel('nvidia/cudnn/lib/libcudnn.so.9')).toBe(true);
    expect(neededFromWheel('tensorflow/python/_pywrap_tfe.so')).toBe(false);
  });
});

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

describe('runCommand', () => {
  it('keeps what a failing program wrote, and names one that does not exist', async () => {
    const failed = await runCommand(process.execPath, ['-e', 'console.error("why"); process.exit(3)'])();
    expect(failed).toMatchObject({ left: { _tag: 'CommandFailed', status: 'exit code 3', output: 'why\n' } });
    expect(await runCommand('/nonexistent/program', [])()).toMatchObject({ left: { _tag: 'CommandFailed' } });
  });
});

describe('probeTfjs', () => {
  it('finds wasm always, and says how to get what is missing', async () => {
    const cache = await scratch();
    const probes = await probeTfjs({ env: { TORSOR_CACHE: cache }, project: cache });
    expect(probes.map(({ kind, available }) => [kind, available])).toEqual([
      ['tfjs-node-gpu', false],
      ['tfjs-node', false],
      ['wasm', true],
    ]);
    expect(probes[1]?.detail).toContain('torsor setup tfjs-native');
  });
});
