import { fileURLToPath } from 'node:url';
import type { Child } from './child.js';
import type { ConfigName } from './sizes.js';
import type { Task } from './task.js';

/** How much is timed in one process. */
export type Amount = {
  readonly steps: number;
  readonly samples: number;
};

/** The built subject: what a user runs is built too. */
const subject = fileURLToPath(new URL('../../dist/xla/subject.js', import.meta.url));
const peerScript = fileURLToPath(new URL('../../peer/bench_openpi.py', import.meta.url));

/** Our side of a comparison. */
export const ourChild = (task: Task): Child => ({ command: process.execPath, args: [subject, JSON.stringify(task)] });

/** Where the peer is, or why it is not used. */
export type Peer = { readonly python: string; readonly openpi: string } | { readonly skipped: string };

/** Finds openpi and its Python by the environment. */
export const peerIn = (env: Readonly<Record<string, string | undefined>>): Peer => {
  const { TORSOR_PEER_PYTHON: python, OPENPI_DIR: openpi } = env;
  const missing = Object.entries({ TORSOR_PEER_PYTHON: python, OPENPI_DIR: openpi })
    .filter(([, value]) => value === undefined || value === '')
    .map(([name]) => name);
  return python === undefined || openpi === undefined || missing.length > 0
    ? { skipped: `${missing.join(' and ')} not set: bench/peer/README.md says how to set up openpi's own side` }
    : { python, openpi };
};

/** openpi's side of a comparison; `cache` keeps JAX's compiled programs between runs. */
export const peerChild = (
  { python, openpi }: Exclude<Peer, { readonly skipped: string }>,
  config: ConfigName,
  { steps, samples }: Amount,
  cache: string | null,
): Child => ({
  command: python,
  args: [
    peerScript,
    ...['--config', config, '--steps', String(steps), '--samples', String(samples)],
    ...(cache === null ? [] : ['--cache', cache]),
  ],
  env: { OPENPI_DIR: openpi },
});
