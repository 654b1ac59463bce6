import { join } from 'node:path';

/** Which TensorFlow library the binding is linked against. */
export type NativeVariant = 'cpu' | 'cuda';

/**
 * Directory of one linked binding inside the cache.
 *
 * @param cache - the cache directory.
 * @param variant - CPU or CUDA library.
 */
export const bindingDirectory = (cache: string, variant: NativeVariant): string => {
  return join(cache, 'tfjs-native', variant);
};

/**
 * Directory of tfjs-node as its own installer puts it, inside the cache.
 *
 * @param cache - the cache directory.
 * @param variant - `cuda` is the package tfjs-node-gpu.
 */
export const packageInstallDirectory = (cache: string, variant: NativeVariant): string => {
  return join(cache, 'tfjs-package', variant);
};
