import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { showNativeSetupError } from '../../src/native/error.js';
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
    const result = await setupTfjsNative({ variant: 'cpu', cache, log: () => undefined, project: cache })();
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

describe('probeTfjs', () => {
  it('finds wasm always, and says how to get what is missing', async () => {
    const cache = await scratch();
    const probes = await probeTfjs({ env: { TORSOR_CACHE: cache }, project: cache });
    expect(probes.map(({ kind, available }) => [kind, available])).toEqual([
      ['tfjs-node-gpu', false],
      ['tfjs-node', false],
      ['wasm', true],
    ]);
    expect(probes[1]?.detail).toContain('setupTfjsNative, variant cpu');
  });
});
