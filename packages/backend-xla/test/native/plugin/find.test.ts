import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPlugins, type PluginSearch } from '../../../src/native/plugin/find.js';
import { cpuPlugins, pluginPinFor } from '../../../src/native/plugin/pins.js';
import { pluginDirectory } from '../../../src/native/plugin/setup.js';
import { hostPlugin } from './library.js';

const scratch = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-find-'));

const put = async (path: string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, hostPlugin());
  return path;
};

const noGpu = '/nonexistent/nvidia0';

const found = async (search: Partial<PluginSearch> & Pick<PluginSearch, 'env'>) => {
  const result = await findPlugins({ cache: '/nonexistent', gpu: noGpu, ...search })();
  if (result._tag === 'Left') throw new Error(result.left._tag);
  return result.right;
};

const cpuMember = cpuPlugins['lammps-jax-pjrt-cpu'].member;
const cudaMember = 'jax_plugins/xla_cuda12/xla_cuda_plugin.so';

describe('findPlugins', () => {
  it('finds nothing on a machine without any, without Python too', async () => {
    expect(await found({ env: { PATH: '/nonexistent' } })).toEqual([]);
  });

  it('takes the plugin that the user names, and that one only', async () => {
    const path = await put(join(await scratch(), 'my_cpu_plugin.so'));
    const [only, ...others] = await found({ env: { TORSOR_PJRT_PLUGIN: path } });
    expect(only).toMatchObject({ path, platform: 'cpu', source: 'TORSOR_PJRT_PLUGIN', preload: [] });
    expect(others).toEqual([]);
  });

  it('refuses a name that leads nowhere, though there is another plugin', async () => {
    const cache = await scratch();
    await put(join(pluginDirectory(cache, 'cpu'), cpuMember));
    const refused = await findPlugins({ env: { TORSOR_PJRT_PLUGIN: '/nowhere.so' }, cache })();
    expect(refused).toMatchObject({ left: { _tag: 'Missing', path: '/nowhere.so' } });
  });

  it('looks into virtual environments, newest Python first, with CUDA libraries in the order of their needs', async () => {
    const environment = await scratch();
    const sites = ['python3.9', 'python3.12'].map((python) => join(environment, 'lib', python, 'site-packages'));
    for (const site of sites) await put(join(site, cpuMember));
    const cuda = await put(join(sites[1] ?? '', cudaMember));
    const libraries = ['cudnn/lib/libcudnn.so.9', 'cublas/lib/libcublas.so.12', 'cublas/lib/libcublasLt.so.12'];
    const others = ['cuda_runtime/lib/libcudart.so.12', 'cudnn/lib/libcudnn_ops.so.9', 'nccl/lib/libnccl.so'];
    for (const name of [...libraries, ...others]) await put(join(sites[1] ?? '', 'nvidia', name));
    const env = { VIRTUAL_ENV: environment, PATH: '/nonexistent' };
    const plugins = await found({ env });
    expect(plugins.map(({ path }) => path)).toEqual([
      join(sites[1] ?? '', cpuMember),
      join(sites[0] ?? '', cpuMember),
      cuda,
    ]);
    expect(plugins[2]?.preload.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual([
      'libcudart.so.12',
      'libcublasLt.so.12',
      'libcublas.so.12',
      'libcudnn.so.9',
    ]);
    const [first] = await found({ env: { CONDA_PREFIX: environment, PATH: '/nonexistent' }, gpu: cuda });
    expect(first).toMatchObject({ platform: 'cuda', path: cuda });
  });

  it('asks the python3 on the PATH, and not when the cache has what is wanted', async () => {
    const [site, bin, cache] = [await scratch(), await scratch(), await scratch()];
    const path = await put(join(site, cpuMember));
    await writeFile(join(bin, 'python3'), `#!/bin/sh\necho '["${site}", "${site}"]'\n`);
    await chmod(join(bin, 'python3'), 0o755);
    const env = { PATH: bin };
    expect((await found({ env, cache })).map((plugin) => plugin.path)).toEqual([path]);
    const pin = pluginPinFor('cpu', `${process.platform}-${process.arch}`);
    if (pin === undefined) return;
    const own = await put(join(pluginDirectory(cache, 'cpu'), pin.member));
    expect((await found({ env, cache })).map((plugin) => plugin.path)).toEqual([own]);
    const withGpu = await found({ env, cache, gpu: own });
    expect(withGpu.map((plugin) => plugin.path)).toEqual([own, path]);
  });
});
