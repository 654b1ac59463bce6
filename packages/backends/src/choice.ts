import type { BackendKind, BackendName } from './names.js';

/** A backend that was tried: what it runs on, or why it cannot be used. */
export type Attempt = { readonly kind: BackendKind; readonly available: boolean; readonly detail: string };

/** A command of ours as the user types it, given what follows `torsor`. */
export type Typed = (...words: readonly string[]) => string;

/** Where a choice is made, and for whom it is explained. */
export type Machine = { readonly gpu: boolean; readonly typed: Typed };

/** The command that makes a backend available; `null` for those that need none. */
const remedyOf = (kind: BackendKind, { gpu, typed }: Machine): string | null => {
  switch (kind) {
    case 'xla':
      return typed('setup', 'xla', ...(gpu ? ['--cuda'] : []));
    case 'tfjs-node-gpu':
      return `${typed('setup', 'tfjs-native', '--cuda')} (needs an NVIDIA GPU)`;
    case 'tfjs-node':
      return typed('setup', 'tfjs-native');
    case 'wasm':
    case 'reference':
      return null;
  }
};

/** What is wrong with backends none of which can be used, and how each is made available. */
const explainNone = (attempts: readonly Attempt[], machine: Machine): readonly string[] =>
  attempts.flatMap(({ kind, detail }) => {
    const remedy = remedyOf(kind, machine);
    return [`${kind}: ${detail}`, ...(remedy === null ? [] : [`${kind} is set up by: ${remedy}`])];
  });

/**
 * Why a backend was chosen, and the one command that would give a faster one.
 *
 * @param asked - what the user asked for.
 * @param attempts - those tried, in order; the last one is the choice where it is available.
 * @param machine - whether it has an NVIDIA GPU, and how the user types commands.
 */
export const explainChoice = (
  asked: BackendName,
  attempts: readonly Attempt[],
  machine: Machine,
): readonly string[] => {
  const chosen = attempts.find((attempt) => attempt.available);
  if (chosen === undefined) return explainNone(attempts, machine);
  if (asked !== 'auto') return [`backend ${chosen.kind}, as asked: ${chosen.detail}`];
  const refused = attempts.filter((attempt) => !attempt.available).map(({ kind }) => kind);
  const why =
    refused.length === 0 ? 'the fastest there is' : `the fastest available; not available: ${refused.join(', ')}`;
  const [remedy = null] = refused.flatMap((kind) => remedyOf(kind, machine) ?? []);
  const hint = remedy === null ? [] : [`for a faster one: ${remedy}`];
  return [`backend ${chosen.kind} (${why}): ${chosen.detail}`, ...hint];
};
