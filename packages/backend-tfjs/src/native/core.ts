import { createRequire } from 'node:module';

/** The module `@tensorflow/tfjs-core`. */
export type TfjsCore = typeof import('@tensorflow/tfjs-core');

/** Resolves from this package, whatever the caller's directory. */
export const requireHere: NodeJS.Require = createRequire(import.meta.url);

/** Where the shim that stands for `@tensorflow/tfjs` in the cache finds the core. */
const coreKey = Symbol.for('torsor.tfjs-core');

/**
 * tfjs's core, loaded on first use, without its console messages.
 */
export const tfjsCore = (): TfjsCore => {
  const core: TfjsCore = requireHere('@tensorflow/tfjs-core');
  // in production mode its warnings and greetings are off, and so are its checks for NaN in debug mode
  core.env().set('PROD', true);
  Object.defineProperty(globalThis, coreKey, { value: core, configurable: true, writable: true });
  return core;
};
