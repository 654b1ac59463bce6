import { benchAdapter } from '../../packages/backend-tfjs/bench/adapter.js';
import type { Bench } from './bench.js';

/** A training step of a small π0-shaped policy through the adapter against the same model hand-written in raw tfjs. */
const adapter = (kind: 'wasm' | 'tfjs-node'): Bench => ({
  name: `adapter-${kind}`,
  reference: `the same step hand-written in raw tfjs on ${kind}`,
  bound: { atMost: 1.1 },
  run: async () => {
    const result = await benchAdapter(kind);
    if ('unavailable' in result) return { skipped: result.unavailable };
    const { adapterMs, rawMs, steps, lossDifference, planMs } = result;
    return {
      ours: adapterMs,
      reference: rawMs,
      unit: 'ms',
      detail: `medians of ${steps} alternating steps, losses within ${lossDifference.toExponential(1)}, planned in ${planMs.toFixed(0)} ms`,
    };
  },
});

/** On wasm. */
export const adapterWasm: Bench = adapter('wasm');

/** On the native binding; skipped where it is not set up. */
export const adapterNative: Bench = adapter('tfjs-node');
