import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** The environment variables that place the cache. */
export type CacheEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Directory that holds what is downloaded and built: `TORSOR_CACHE`, else the platform's cache directory.
 *
 * Nothing is installed outside it.
 *
 * @param env - environment variables, `process.env` of the caller.
 */
export const cacheDirectory = (env: CacheEnvironment): string => {
  const chosen = env['TORSOR_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(xdg, 'torsor');
  return platform() === 'darwin' ? join(homedir(), 'Library', 'Caches', 'torsor') : join(homedir(), '.cache', 'torsor');
};
