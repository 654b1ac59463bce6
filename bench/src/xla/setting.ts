import { findPlugins, showPluginError } from '@torsor/backend-xla';
import { cacheDirectory } from '@torsor/install';
import type { Skipped } from '../bench.js';

/** Rounds of each comparison: `TORSOR_BENCH_ROUNDS`, or three. */
export const roundCount = (): number => Number(process.env['TORSOR_BENCH_ROUNDS'] ?? 3);

/** Why XLA cannot be measured on this machine; `null` where it can. */
export const xlaMissing = async (): Promise<Skipped | null> => {
  const found = await findPlugins({ env: process.env, cache: cacheDirectory(process.env) })();
  if (found._tag === 'Left') return { skipped: showPluginError(found.left) };
  return found.right.length === 0 ? { skipped: 'no XLA plugin: npm run torsor -- setup xla fetches one' } : null;
};
