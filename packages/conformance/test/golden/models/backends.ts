import type { Backend } from '@torsor/backend';
import { probeTfjs } from '@torsor/backend-tfjs';
import { describe, it, vi } from 'vitest';
import { xlaMissing } from '../../xla.js';
import { backendsHere } from '../open-backends.js';

// Compiling on a busy machine takes its time, and no test here is about that.
vi.setConfig({ testTimeout: 600_000 });

const here = await backendsHere();

/** Why a backend is not among those of this machine. */
const absent: readonly string[] = await (async () => {
  const probes = await probeTfjs({ env: process.env, project: process.cwd() });
  const native = probes.filter(({ kind }) => kind !== 'wasm');
  const missing = await xlaMissing();
  return [
    ...(native.some(({ available }) => available)
      ? []
      : native.map(({ kind, detail }) => `${kind} is not set up here: ${detail}`)),
    ...(missing === undefined ? [] : [`xla is not set up here: ${missing}`]),
  ];
})();

/** An open backend by name. */
export type OpenBackend = {
  readonly name: string;
  readonly backend: () => Promise<Backend>;
};

/** Attention scores of all layers that the reference, which is slow, is tested with. */
const referenceLimit = 2.5e6;

/**
 * A suite for every backend of this machine; those that it has not, and the reference for models with more attention
 * scores than it can be waited for, are skipped tests that say why.
 *
 * @param scores - how many attention scores a pass through the model computes.
 * @param skip - why a backend cannot be tested with this model, by name.
 */
export const describeBackends = (
  scores: number,
  suite: (open: OpenBackend) => void,
  skip: { readonly [backend: string]: string } = {},
): void => {
  for (const [name, backend] of here) {
    const slow = `${scores} attention scores are more than the ${referenceLimit} that it is tested with`;
    const reason = skip[name] ?? (name === 'reference' && scores > referenceLimit ? slow : undefined);
    if (reason !== undefined) it.skip(`${name}: ${reason}`, () => {});
    else describe(name, () => suite({ name, backend: () => backend }));
  }
  for (const reason of absent) it.skip(reason, () => {});
};
