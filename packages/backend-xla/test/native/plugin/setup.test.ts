import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '@torsor/install';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { showPluginError } from '../../../src/native/plugin/error.js';
import { findPlugins } from '../../../src/native/plugin/find.js';
import { neededOf, pinnedPlatforms, pluginPinFor } from '../../../src/native/plugin/pins.js';
import { pluginDirectory, setupXla } from '../../../src/native/plugin/setup.js';
import { tryPlugin } from '../../../src/native/plugin/trial.js';
import { hostPlugin } from './library.js';

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-setup-xla-'));
const remedy = 'Do this.';

afterEach(() => vi.unstubAllEnvs());

const hostPin = pluginPinFor('cpu', `${process.platform}-${process.arch}`);

describe.skipIf(hostPin === undefined)('setupXla', () => {
  it('says that pip is missing and how to get it, before it writes anything', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    const cache = await scratch();
    const refused = await setupXla({ variant: 'cpu', cache, log: () => undefined })();
    expect(refused).toMatchObject({ left: { _tag: 'MissingTools' } });
    expect(refused._tag === 'Left' && showPluginError(refused.left)).toContain('apt-get install python3-pip');
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('pins', () => {
  it('have a hash and a size for each platform they name', () => {
    for (const name of pinnedPlatforms) {
      const [variant, platform = ''] = name.split(' ');
      const pin = pluginPinFor(variant === 'cuda' ? 'cuda' : 'cpu', platform);
      for (const { sha256, bytes } of pin?.wheels ?? []) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(1e6);
      }
    }
    expect(pluginPinFor('cuda', 'win32-x64')).toBeUndefined();
  });

  it('unpack the plugin, what it needs, and the licences', () => {
    const pin = pluginPinFor('cuda', 'linux-x64');
    const needed = pin === undefined ? () => false : neededOf(pin);
    for (const member of [
      'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
      'nvidia/cudnn/lib/libcudnn.so.9',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
      'nvidia_cudnn_cu12-9.dist-info/licenses/License.txt',
    ]) {
      expect([member, needed(member)]).toEqual([member, true]);
    }
    for (const member of ['jax_plugins/xla_cuda12/__init__.py', 'nvidia/cudnn/include/cudnn.h', 'a.dist-info/RECORD']) {
      expect([member, needed(member)]).toEqual([member, false]);
    }
  });
});

describe('tryPlugin', () => {
  it('reports what does not load, in the words of the loader', async () => {
    const path = join(await scratch(), 'text.so');
    await writeFile(path, 'no library');
    const refused = await tryPlugin({ path, remedy }, [])();
    expect(refused).toMatchObject({ left: { _tag: 'TrialFailed', path, remedy } });
    expect(refused._tag === 'Left' && showPluginError(refused.left)).toContain(path);
  });

  it('survives a library that is only tables', async () => {
    const path = join(await scratch(), 'tables.so');
    await writeFile(path, hostPlugin());
    expect(await tryPlugin({ path, remedy }, [])()).toMatchObject({ left: { _tag: 'TrialFailed', path } });
  });
});

const cached = await findPlugins({
  env: { PATH: '/nonexistent' },
  cache: cacheDirectory(process.env),
  gpu: '/nonexistent',
})();
const plugin = cached._tag === 'Right' ? cached.right[0] : undefined;
const absent = plugin === undefined ? ' (skipped: no plugin in the cache; run torsor setup xla)' : '';

describe.skipIf(plugin === undefined)(`a plugin that was set up${absent}`, () => {
  it('loads in another process and states its version', async () => {
    const version = await tryPlugin({ path: plugin?.path ?? '', remedy }, plugin?.preload ?? [])();
    expect(version).toMatchObject({ right: expect.stringMatching(/^0\.\d+$/) });
  });
});

const download = process.env['TORSOR_DOWNLOAD'] === '1';
const offline = download ? '' : ' (skipped: downloads 63 MB; set TORSOR_DOWNLOAD=1)';

describe.skipIf(!download)(`torsor setup xla from nothing${offline}`, () => {
  it('fetches a plugin, keeps nothing else, and replaces one that was cut short', { timeout: 300_000 }, async () => {
    const cache = await scratch();
    const setup = setupXla({ variant: 'cpu', cache, log: () => undefined });
    const made = await setup();
    expect(made).toMatchObject({ right: { reused: false } });
    if (made._tag === 'Left') return;
    expect(await readdir(pluginDirectory(cache, 'cpu'))).toContain('manifest.json');
    expect(await readdir(join(cache, 'downloads'))).toEqual([]);
    expect(await setup()).toMatchObject({ right: { reused: true } });
    await truncate(made.right.plugin, 1e6);
    expect(await setup()).toMatchObject({ right: { reused: false } });
    await rm(cache, { recursive: true });
  });
});
