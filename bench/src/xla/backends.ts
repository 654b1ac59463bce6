import * as E from 'fp-ts/lib/Either.js';
import type { Bench } from '../bench.js';
import { runChild } from './child.js';
import type { BackendKind } from './device.js';
import { readReport } from './report.js';
import { roundCount } from './setting.js';
import { ourChild } from './sides.js';
import { median, spread } from './statistics.js';

/** Milliseconds of a step, or why a backend has none. */
type Step = E.Either<string, number>;

const steps = 10;

const stepOn = async (backend: BackendKind): Promise<Step> => {
  const task = { kind: 'train', config: 'quickstart', backend, compileCache: null, steps, samples: 0 } as const;
  const report = E.flatMap(readReport)(await runChild(ourChild(task)));
  return E.map(({ step }: { readonly step: number | null }) => (step ?? Number.NaN) * 1000)(report);
};

/** Another backend and wasm in turn. */
const versusWasm = (backend: BackendKind, bound: Bench['bound']): Bench => ({
  name: `backends-${backend}`,
  reference: "the quick start's train step on wasm",
  bound,
  run: async () => {
    const pairs: (readonly [number, number])[] = [];
    for (let i = 0; i < roundCount(); i++) {
      const other = await stepOn(backend);
      if (E.isLeft(other)) return { skipped: other.left };
      const wasm = await stepOn('wasm');
      if (E.isLeft(wasm)) return { skipped: wasm.left };
      pairs.push([other.right, wasm.right]);
    }
    return {
      ours: median(pairs.map(([ours]) => ours)),
      reference: median(pairs.map(([, wasm]) => wasm)),
      unit: 'ms',
      spread: spread(pairs.map(([ours, wasm]) => wasm / ours)),
      detail: `${pairs.length} rounds of ${steps} steps`,
    };
  },
});

/** The backends in the order of the table in the README: each at least as fast as WebAssembly. */
export const backendBenches: readonly Bench[] = [
  versusWasm('tfjs-node', { timesFaster: 1 }),
  versusWasm('xla', { timesFaster: 1 }),
  versusWasm('tfjs-node-gpu', { timesFaster: 1 }),
];
