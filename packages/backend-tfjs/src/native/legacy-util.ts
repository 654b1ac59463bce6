import { requireHere } from './core.js';

const firstWithWarnings = 22;

const define = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
};

/**
 * Gives Node's `util` module the two functions that tfjs-node 4.22 calls and Node 23 removed.
 *
 * Node 22 still has them but warns at the first call; there they are replaced too. No file is touched.
 */
export const restoreLegacyUtil = (): void => {
  if (Number(process.versions.node.split('.', 1)[0]) < firstWithWarnings) return;
  const util: object = requireHere('node:util');
  define(util, 'isNullOrUndefined', (value: unknown): boolean => value === null || value === undefined);
  define(util, 'isArray', Array.isArray);
};
