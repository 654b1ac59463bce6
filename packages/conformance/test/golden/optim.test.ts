import { type Backend, referenceBackend } from '@torsor/backend';
import { type TensorValue, toFloat64 } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { xlaForModels, xlaMissing } from '../xla.js';
import { describeGolden } from './describe-golden.js';
import { comparing } from './models/compare.js';
import { orThrow } from './on-backend.js';
import { recordedRuns, repeatRun } from './optimizers.js';

/** A few half-units of float32 for each step, relative to the tensor's largest number: what JAX itself rounds away. */
const limit = 1e-6;

/** Other backends are held to the same numbers. */
const missing = await xlaMissing();

const backends: ReadonlyArray<readonly [string, () => Promise<Backend>]> = [
  ['reference', () => Promise.resolve(referenceBackend())],
  ...(missing === undefined ? ([['xla', () => orThrow(xlaForModels())]] as const) : []),
];

type Steps = ReadonlyArray<ReadonlyMap<string, TensorValue>>;

/** What a run has at a recorded name: `params/<step>/…`, `ema/<step>/…`, or the last `mu/…`, `nu/…`. */
const valueFor = (steps: Steps, name: string): TensorValue | undefined => {
  const [kind = '', ...rest] = name.split('/');
  if (kind === 'mu' || kind === 'nu') {
    return [...(steps.at(-1) ?? [])].find(([path]) => path.startsWith('state/') && path.endsWith(`/${name}`))?.[1];
  }
  const [step, ...path] = rest;
  return steps[Number(step)]?.get([kind === 'ema' ? 'average' : kind, ...path].join('/'));
};

if (missing !== undefined) it.skip(`xla is not set up here: ${missing}`, () => {});

describeGolden('optim', ['optim/optim.safetensors'], (golden) => {
  const recorded = golden.tensors('optim/optim.safetensors');
  const runs = recordedRuns(golden).map((run) => [run.name, run] as const);

  describe.each(backends)('%s', (backendName, backend) => {
    const compare = comparing('optim', backendName);

    it.each(runs)('%s: parameters, averages, moments and gradient norms, step by step', async (name, run) => {
      const steps = await repeatRun(await backend(), recorded, run);
      const own = [...recorded].filter(([stored]) => stored.startsWith(`${name}/`));
      expect(own.length).toBeGreaterThan(0);
      for (const [stored, tensor] of own) {
        const value = valueFor(steps, stored.slice(name.length + 1));
        if (value === undefined) throw new Error(`the run has nothing for ${stored}`);
        compare.close(stored, value, tensor, { kind: 'training', limit });
      }
      run.steps.forEach(({ gradNorm }, i) => {
        const norm = steps[i]?.get('gradNorm');
        const [found = Number.NaN] = norm === undefined ? [] : toFloat64(norm);
        expect(Math.abs(found - gradNorm)).toBeLessThan(limit * gradNorm);
      });
    });
  });
});
