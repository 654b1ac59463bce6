import { join } from 'node:path';
import { exists } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { cudaLibraries } from './cuda.js';
import type { PluginTask } from './error.js';
import { inspectPlugin } from './inspect.js';
import { cpuPlugins, pluginPinFor, type XlaVariant } from './pins.js';
import { type PluginEnvironment, sitePackages } from './python.js';
import { pluginDirectory } from './setup.js';

/** A plugin on this machine that may be opened. */
export type PluginCandidate = {
  /** Of the shared library. */
  readonly path: string;
  /** `cpu`, `cuda`, `tpu`, or `unknown` for one that the user named. */
  readonly platform: string;
  /** Where it was found, in words. */
  readonly source: string;
  /** Libraries that it needs, in the order in which they are loaded. */
  readonly preload: readonly string[];
  /** What the user does when it does not open. */
  readonly remedy: string;
};

/** Where plugins are looked for. */
export type PluginSearch = {
  /** `TORSOR_PJRT_PLUGIN`, `VIRTUAL_ENV`, `CONDA_PREFIX` and `PATH` are read. */
  readonly env: PluginEnvironment;
  /** The cache directory; see `cacheDirectory` of `@torsor/install`. */
  readonly cache: string;
  /** The device file of a gpuNames, for whoever's is not Linux' own. */
  readonly gpu?: string;
};

const gpuNames = '/dev/nvidia0';
const tpuNames = '/dev/accel0';

/** Plugins inside Python packages, the newest first. */
const packaged: readonly { readonly member: string; readonly platform: string }[] = [
  { member: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so', platform: 'cuda' },
  { member: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so', platform: 'cuda' },
  { member: 'libtpu/libtpu.so', platform: 'tpu' },
  ...Object.values(cpuPlugins).map(({ member }) => ({ member, platform: 'cpu' })),
];

const platformOf = (path: string): string => ['cuda', 'tpu', 'cpu'].find((name) => path.includes(name)) ?? 'unknown';

const preloadOf = (platform: string, directory: string): Promise<readonly string[]> =>
  platform === 'cuda' ? cudaLibraries(directory) : Promise.resolve([]);

/** The one that the user named: it is used or refused, never replaced by another. */
const named = (path: string): PluginTask<readonly PluginCandidate[]> => {
  const remedy = 'Set TORSOR_PJRT_PLUGIN to a plugin for this machine, or unset it and fetch one (setupXla).';
  const platform = platformOf(path);
  return pipe(
    inspectPlugin({ path, remedy }),
    TE.flatMap(() => TE.fromTask(() => preloadOf(platform, join(path, '..', '..', '..')))),
    TE.map((preload) => [{ path, platform, source: 'TORSOR_PJRT_PLUGIN', preload, remedy }]),
  );
};

const inDirectory = async (
  directory: string,
  { member, platform }: { readonly member: string; readonly platform: string },
  source: string,
  remedy: string,
): Promise<readonly PluginCandidate[]> => {
  const path = join(directory, member);
  if (!(await exists(path))) return [];
  return [{ path, platform, source, preload: await preloadOf(platform, directory), remedy }];
};

const variants: readonly XlaVariant[] = ['cuda', 'cpu'];

const cached = async (cache: string): Promise<readonly PluginCandidate[]> => {
  const found = variants.map((variant) => {
    const pin = pluginPinFor(variant, `${process.platform}-${process.arch}`);
    const directory = pluginDirectory(cache, variant);
    const remedy = `Fetch it again (setupXla, variant ${variant}) to replace it.`;
    return pin === undefined
      ? Promise.resolve([])
      : inDirectory(directory, { member: pin.member, platform: variant }, `the cache (${variant})`, remedy);
  });
  return (await Promise.all(found)).flat();
};

const inPython = async (env: PluginEnvironment): Promise<readonly PluginCandidate[]> => {
  const directories = await sitePackages(env);
  const found = directories.flatMap((directory) =>
    packaged.map((plugin) =>
      inDirectory(directory, plugin, `Python's ${directory}`, 'Install the package again, or fetch one (setupXla).'),
    ),
  );
  return (await Promise.all(found)).flat();
};

/** An accelerator that is there comes first, one that is not last; beyond that the order is kept. */
const preferred = (candidates: readonly PluginCandidate[], present: readonly string[]): readonly PluginCandidate[] => {
  const rank = ({ platform }: PluginCandidate): number => {
    if (present.includes(platform)) return 0;
    return platform === 'cpu' ? 1 : 2;
  };
  return candidates.toSorted((a, b) => rank(a) - rank(b));
};

const accelerators = async (gpu: string): Promise<readonly string[]> => {
  const [hasGpu, hasTpu] = await Promise.all([exists(gpu), exists(tpuNames)]);
  return [...(hasGpu ? ['cuda'] : []), ...(hasTpu ? ['tpu'] : [])];
};

/**
 * The plugins on this machine, in order of preference: an accelerator whose device is there, then the CPU.
 *
 * `TORSOR_PJRT_PLUGIN` stands alone where it is set. Otherwise those of the cache come before those in Python packages, and Python
 * is not asked at all when the cache has what this machine's devices call for. Only a plugin that the user named is inspected
 * here; `inspectPlugin` is for the others, before each is opened.
 *
 * @errors for the plugin that the user named: `Missing`, `Truncated`, `WrongArchitecture`, `NotAPlugin`, `FileSystem`.
 */
export const findPlugins = ({ env, cache, gpu = gpuNames }: PluginSearch): PluginTask<readonly PluginCandidate[]> => {
  const path = env['TORSOR_PJRT_PLUGIN'];
  if (path !== undefined && path !== '') return named(path);
  return TE.fromTask(async () => {
    const [present, own] = await Promise.all([accelerators(gpu), cached(cache)]);
    const wanted = present.length > 0 ? present : ['cpu'];
    const complete = own.some(({ platform }) => wanted.includes(platform));
    return preferred(complete ? own : [...own, ...(await inPython(env))], present);
  });
};
