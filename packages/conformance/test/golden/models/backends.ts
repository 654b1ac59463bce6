import { type Backend, referenceBackend } from '@torsor/backend';
import { probeTfjs } from '@torsor/backend-tfjs';
import { describe, it } from 'vitest';
import { xlaMissing } from '../../xla.js';
import { backendsHere } from '../open-backends.js';

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

/** The reference that rounds every result to its dtype: what a model in a narrow dtype means. */
export const roundingReference: OpenBackend = (() => {
  const opened = Promise.resolve(referenceBackend('declared'));
  return { name: 'reference, rounded', backend: () => opened };
})();

/** Why the suite of a narrow model is not for the float64 reference. */
const roundsNothing = 'it rounds nothing, whatever the dtype; the reference that rounds every result is tested instead';

/** What a suite is about besides its model. */
type Suites = {
  /** Why a backend cannot be tested with this model, by name. */
  readonly skip?: { readonly [backend: string]: string };
  /** Whether rounding to a narrow dtype is part of what is computed. */
  readonly narrow?: boolean;
};

/** Why a suite is not for a backend, if it is not. */
const unfit = (name: string, scores: number, { skip = {}, narrow = false }: Suites): string | undefined => {
  if (skip[name] !== undefined) return skip[name];
  if (name === 'reference' && narrow) return roundsNothing;
  return name.startsWith('reference') && scores > referenceLimit
    ? `${scores} attention scores are more than the ${referenceLimit} that it is tested with`
    : undefined;
};

/**
 * A suite for every backend of this machine; those that it has not, and the reference for models with more attention
 * scores than it can be waited for, are skipped tests that say why.
 *
 * @param scores - how many attention scores a pass through the model computes.
 */
export const describeBackends = (scores: number, suite: (open: OpenBackend) => void, about: Suites = {}): void => {
  const opened = [...here].map(([name, backend]): OpenBackend => ({ name, backend: () => backend }));
  for (const open of about.narrow === true ? [...opened, roundingReference] : opened) {
    const reason = unfit(open.name, scores, about);
    if (reason !== undefined) it.skip(`${open.name}: ${reason}`, () => {});
    else describe(open.name, () => suite(open));
  }
  for (const reason of absent) it.skip(reason, () => {});
};
