import { adapterNative, adapterWasm } from './adapter.js';
import type { Bench } from './bench.js';
import { dataBenches } from './data/benches.js';
import { planning } from './planning.js';
import { reader } from './reader.js';
import { backendBenches } from './xla/backends.js';
import { decodingBenches } from './xla/decoding.js';
import { depth } from './xla/depth.js';
import { openpiBenches } from './xla/openpi.js';

/** Every bench, by name. Adding one: measure it in `packages/<name>/bench/`, state its bound here beside `reader.ts`. */
export const registry: readonly Bench[] = [
  reader,
  ...dataBenches,
  planning,
  adapterWasm,
  adapterNative,
  ...openpiBenches,
  ...decodingBenches,
  depth,
  ...backendBenches,
];
