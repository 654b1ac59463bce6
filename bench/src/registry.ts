import type { Bench } from './bench.js';
import { reader } from './reader.js';

/** Every bench, by name. Adding one: measure it in `packages/<name>/bench/`, state its bound here beside `reader.ts`. */
export const registry: readonly Bench[] = [reader];
