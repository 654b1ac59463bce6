import type { NativeVariant } from './cache.js';

/** A wheel on PyPI: what pip is asked for, and the hash its file must have. */
export interface WheelPin {
  readonly project: string;
  readonly version: string;
  readonly tags: readonly string[];
  readonly sha256: string;
}

/** A tarball on the npm registry. */
export interface TarballPin {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

const wheel = (project: string, version: string, sha256: string, tags: readonly string[]): WheelPin => ({
  project,
  version,
  sha256,
  tags: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none', ...tags],
});

const platforms = (...names: readonly string[]): readonly string[] => names.flatMap((name) => ['--platform', name]);

const nvidia = (project: string, version: string, sha256: string): WheelPin =>
  wheel(
    `nvidia-${project}-cu12`,
    version,
    sha256,
    platforms('manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux_2_12_x86_64'),
  );

const tensorflowX64: WheelPin = wheel(
  'tensorflow-cpu',
  '2.21.0',
  '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  platforms('manylinux_2_27_x86_64'),
);

const tensorflowArm64: WheelPin = wheel(
  'tensorflow',
  '2.21.0',
  '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  platforms('manylinux_2_27_aarch64'),
);

const tensorflowCuda: WheelPin = wheel(
  'tensorflow',
  '2.21.0',
  '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  platforms('manylinux_2_27_x86_64'),
);

/** The CUDA 12 libraries that the CUDA build of TensorFlow opens. */
const cudaLibraries: readonly WheelPin[] = [
  nvidia('cublas', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
  nvidia('cuda-cupti', '12.8.90', 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182'),
  nvidia('cuda-nvrtc', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
  nvidia('cuda-runtime', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'),
  nvidia('cudnn', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
  nvidia('cufft', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
  nvidia('curand', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
  nvidia('cusolver', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
  nvidia('cusparse', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
  nvidia('nccl', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
  nvidia('nvjitlink', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
];

const wheelTable: Readonly<Record<string, readonly WheelPin[]>> = {
  'cpu linux-x64': [tensorflowX64],
  'cpu linux-arm64': [tensorflowArm64],
  'cuda linux-x64': [tensorflowCuda, ...cudaLibraries],
};

/** Platforms that have a pinned library, as `variant os-architecture`. */
export const supportedPlatforms: readonly string[] = Object.keys(wheelTable);

/**
 * Wheels to download, the one with TensorFlow first; `undefined` where none is pinned.
 *
 * @param variant - CPU or CUDA library.
 * @param platform - `os-architecture` as Node names them, for example `linux-x64`.
 */
export function wheelsFor(variant: NativeVariant, platform: string): readonly WheelPin[] | undefined {
  return wheelTable[`${variant} ${platform}`];
}

/** The binding's sources and the JavaScript that drives it, unmodified. */
export const tfjsNodePin: TarballPin = {
  name: '@tensorflow/tfjs-node',
  version: '4.22.0',
  sha256: 'd38a448a705efc6e655a080f896b3af646ae39dffbfe9c90b06cb9fc3a2b9358',
};

/** Node-API headers, so that no header download from nodejs.org is needed. */
export const nodeApiHeadersPin: TarballPin = {
  name: 'node-api-headers',
  version: '1.9.0',
  sha256: '6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19',
};

/** Required by tfjs-node's JavaScript when it loads. */
export const protobufPin: TarballPin = {
  name: 'google-protobuf',
  version: '3.21.4',
  sha256: '38299bb1802ce06900ea2e43650aded8393cd6a00012ed97ffc716eeab1e1091',
};
