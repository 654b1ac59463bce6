import { cuda12Wheels, type Pin, type WheelPin } from '@torsor/install';
import type { NativeVariant } from './directories.js';

const tensorflowX64: WheelPin = {
  name: 'tensorflow-cpu',
  version: '2.21.0',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  bytes: 273_829_956,
  platforms: ['manylinux_2_27_x86_64'],
};

const tensorflowArm64: WheelPin = {
  name: 'tensorflow',
  version: '2.21.0',
  sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  bytes: 281_828_020,
  platforms: ['manylinux_2_27_aarch64'],
};

const tensorflowCuda: WheelPin = {
  name: 'tensorflow',
  version: '2.21.0',
  sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  bytes: 572_440_367,
  platforms: ['manylinux_2_27_x86_64'],
};

/** The CUDA 12 libraries that the CUDA build of TensorFlow opens. */
const cudaLibraries = cuda12Wheels([
  'cublas',
  'cuda-cupti',
  'cuda-nvrtc',
  'cuda-runtime',
  'cudnn',
  'cufft',
  'curand',
  'cusolver',
  'cusparse',
  'nccl',
  'nvjitlink',
]);

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
export const wheelsFor = (variant: NativeVariant, platform: string): readonly WheelPin[] | undefined => {
  return wheelTable[`${variant} ${platform}`];
};

/** The binding's sources and the JavaScript that drives it, unmodified. */
export const tfjsNodePin: Pin = {
  name: '@tensorflow/tfjs-node',
  version: '4.22.0',
  sha256: 'd38a448a705efc6e655a080f896b3af646ae39dffbfe9c90b06cb9fc3a2b9358',
};

/** Node-API headers, so that no header download from nodejs.org is needed. */
export const nodeApiHeadersPin: Pin = {
  name: 'node-api-headers',
  version: '1.9.0',
  sha256: '6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19',
};

/** Required by tfjs-node's JavaScript when it loads. */
export const protobufPin: Pin = {
  name: 'google-protobuf',
  version: '3.21.4',
  sha256: '38299bb1802ce06900ea2e43650aded8393cd6a00012ed97ffc716eeab1e1091',
};
