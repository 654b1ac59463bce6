import { basename, join } from 'node:path';
import { exists, filesBelow } from '@torsor/install';

/** CUDA's libraries that the plugin opens by name, each after those that it needs itself. */
const inOrder = [
  'cudart',
  'nvrtc',
  'nvJitLink',
  'cublasLt',
  'cublas',
  'cufft',
  'cusparse',
  'cusolver',
  'cupti',
  'cudnn',
  'nccl',
  'nvshmem_host',
];

const library = new RegExp(`^lib(${inOrder.join('|')})\\.so\\.\\d+$`);

const rank = (path: string): number => inOrder.indexOf(library.exec(basename(path))?.[1] ?? '');

/**
 * The libraries of NVIDIA's wheels in a directory of Python packages, in the order in which they are loaded; the plugin finds
 * those that are not there by the system's own search.
 *
 * @param sitePackages - the directory that holds `nvidia/`.
 */
export const cudaLibraries = async (sitePackages: string): Promise<readonly string[]> => {
  const directory = join(sitePackages, 'nvidia');
  if (!(await exists(directory))) return [];
  const found = await filesBelow(directory, (name) => library.test(name));
  return found.toSorted((a, b) => rank(a) - rank(b));
};
