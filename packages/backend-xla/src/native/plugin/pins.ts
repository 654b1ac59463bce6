import { cuda12Wheels, type WheelPin } from '@torsor/install';

/** What a plugin runs on. */
export type XlaVariant = 'cpu' | 'cuda';

/** A pinned plugin. */
export type PluginPin = {
  /** The wheel with the plugin first, then the libraries that it needs. */
  readonly wheels: readonly [WheelPin, ...WheelPin[]];
  /** The plugin inside its wheel. */
  readonly member: string;
};

/**
 * The CPU plugin with the XLA of jaxlib 0.11.2, PJRT C API 0.115.
 *
 * About 25 % faster on a transformer's training step than {@link xlaCpuPjrt}.
 */
const lammpsJaxPjrtCpu: PluginPin = {
  wheels: [
    {
      name: 'lammps-jax-pjrt-cpu',
      version: '0.11.2',
      sha256: '1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1',
      bytes: 62_711_338,
      platforms: ['manylinux_2_27_x86_64'],
    },
  ],
  member: 'lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so',
};

const xlaCpuPjrt = (platform: string, sha256: string, bytes: number): PluginPin => ({
  wheels: [{ name: 'xla-cpu-pjrt', version: '0.0.1', sha256, bytes, platforms: [platform] }],
  member: 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
});

/** The CPU plugin by OpenXLA's authors, PJRT C API 0.81. */
const xlaCpuPjrtX64 = xlaCpuPjrt(
  'manylinux_2_27_x86_64',
  '55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc',
  63_461_052,
);

const xlaCpuPjrtArm64 = xlaCpuPjrt(
  'manylinux_2_27_aarch64',
  '8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9',
  49_514_947,
);

/** jax's cudaPackages 12 plugin, PJRT C API 0.116, with the libraries that `jax-cuda12-plugin[with-cuda]` of that version asks for. */
const jaxCuda12Pjrt: PluginPin = {
  wheels: [
    {
      name: 'jax-cuda12-pjrt',
      version: '0.12.0.1',
      sha256: '5ec28e06198d094031c37590b4ea753ae8cde4879ab4b60baf40f0dffb673286',
      bytes: 191_846_358,
      platforms: ['manylinux_2_27_x86_64'],
    },
    ...cuda12Wheels([
      'cublas',
      'cuda-cupti',
      'cuda-nvcc',
      'cuda-nvrtc',
      'cuda-runtime',
      'cudnn',
      'cufft',
      'cusolver',
      'cusparse',
      'nccl',
      'nvjitlink',
      'nvshmem',
    ]),
  ],
  member: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
};

/** The CPU plugins of an x86-64 machine by name, for whoever compares them. */
export const cpuPlugins = { 'lammps-jax-pjrt-cpu': lammpsJaxPjrtCpu, 'xla-cpu-pjrt': xlaCpuPjrtX64 };

/** The one that `setupXla` takes there. */
const defaultCpuPlugin: keyof typeof cpuPlugins = 'lammps-jax-pjrt-cpu';

const table: Readonly<Record<string, PluginPin>> = {
  'cpu linux-x64': cpuPlugins[defaultCpuPlugin],
  'cpu linux-arm64': xlaCpuPjrtArm64,
  'cuda linux-x64': jaxCuda12Pjrt,
};

/** Platforms that have a pinned plugin, as `variant os-architecture`. */
export const pinnedPlatforms: readonly string[] = Object.keys(table);

/** The plugin for a platform, `os-architecture` as Node names them; `undefined` where none is pinned. */
export const pluginPinFor = (variant: XlaVariant, platform: string): PluginPin | undefined =>
  table[`${variant} ${platform}`];

const licence = /\.dist-info\/(licenses\/|licen[cs]e|notice|third_party_notices|metadata$)/i;
const cudaPackages = /^nvidia\/([^/]+\/lib\/[^/]+\.so|cuda_nvcc\/(bin|nvvm)\/)/;

/** Which members of a plugin's wheels are unpacked: the plugin, CUDA's libraries and compiler, and the licences. */
export const neededOf =
  ({ member: plugin }: PluginPin) =>
  (member: string): boolean =>
    member === plugin || licence.test(member) || cudaPackages.test(member);
