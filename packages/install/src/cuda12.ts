import type { WheelPin } from './wheel.js';

const platforms = ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux_2_12_x86_64'];

const nvidia = (project: string, version: string, sha256: string, bytes: number): WheelPin => ({
  name: `nvidia-${project}-cu12`,
  version,
  sha256,
  bytes,
  platforms,
});

/** A CUDA 12 library that has a pinned wheel. */
export type Cuda12Library =
  | 'cublas'
  | 'cuda-cupti'
  | 'cuda-nvcc'
  | 'cuda-nvrtc'
  | 'cuda-runtime'
  | 'cudnn'
  | 'cufft'
  | 'curand'
  | 'cusolver'
  | 'cusparse'
  | 'nccl'
  | 'nvjitlink'
  | 'nvshmem';

/** NVIDIA's wheels of the CUDA 12 libraries, for Linux on x86-64. */
const libraries: Readonly<Record<Cuda12Library, WheelPin>> = {
  cublas: nvidia(
    'cublas',
    '12.9.3.13',
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    581_217_458,
  ),
  'cuda-cupti': nvidia(
    'cuda-cupti',
    '12.8.90',
    'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    10_248_621,
  ),
  'cuda-nvcc': nvidia(
    'cuda-nvcc',
    '12.9.86',
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    40_546_229,
  ),
  'cuda-nvrtc': nvidia(
    'cuda-nvrtc',
    '12.9.86',
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    89_568_129,
  ),
  'cuda-runtime': nvidia(
    'cuda-runtime',
    '12.9.79',
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    3_493_179,
  ),
  cudnn: nvidia('cudnn', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375', 716_538_495),
  cufft: nvidia('cufft', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28', 200_877_592),
  curand: nvidia(
    'curand',
    '10.3.10.19',
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    68_295_626,
  ),
  cusolver: nvidia(
    'cusolver',
    '11.7.5.82',
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    338_117_415,
  ),
  cusparse: nvidia(
    'cusparse',
    '12.5.10.65',
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    366_465_088,
  ),
  nccl: nvidia('nccl', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c', 351_526_311),
  nvjitlink: nvidia(
    'nvjitlink',
    '12.9.86',
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    39_748_338,
  ),
  nvshmem: nvidia('nvshmem', '3.8.0', 'b2e5760d6158aefe7bb74348d5128bb1b46a7dd1fd4b7b1e6fe55b4b07888f70', 280_800_183),
};

/**
 * The wheels of CUDA 12 libraries.
 *
 * @param names - which, in the order of the result.
 */
export const cuda12Wheels = (names: readonly Cuda12Library[]): readonly WheelPin[] => {
  return names.map((name) => libraries[name]);
};
