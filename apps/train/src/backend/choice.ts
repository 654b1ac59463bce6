import type { BackendKind, BackendName } from './names.js';

/** A backend that was tried: what it runs on, or why it cannot be used. */
export type Attempt = { readonly kind: BackendKind; readonly available: boolean; readonly detail: string };

/** What makes each backend available; `null` for those that need nothing. */
const remedies = (gpu: boolean): { readonly [K in BackendKind]: string | null } => ({
  xla: gpu ? 'torsor setup xla --cuda' : 'torsor setup xla',
  'tfjs-node-gpu': 'torsor setup tfjs-native --cuda (needs an NVIDIA GPU)',
  'tfjs-node': 'torsor setup tfjs-native',
  wasm: null,
  reference: null,
});

/**
 * Why a backend was chosen, and the one command that would give a faster one.
 *
 * @param asked - what the user asked for.
 * @param attempts - those tried, in order; the last one is the choice where it is available.
 * @param gpu - whether this machine has an NVIDIA GPU.
 */
export const explainChoice = (asked: BackendName, attempts: readonly Attempt[], gpu: boolean): readonly string[] => {
  const chosen = attempts.find((attempt) => attempt.available);
  if (chosen === undefined) return attempts.map(({ kind, detail }) => `${kind}: ${detail}`);
  if (asked !== 'auto') return [`backend ${chosen.kind}, as asked: ${chosen.detail}`];
  const refused = attempts.filter((attempt) => !attempt.available).map(({ kind }) => kind);
  const why =
    refused.length === 0 ? 'the fastest there is' : `the fastest available; not available: ${refused.join(', ')}`;
  const [remedy = null] = refused.flatMap((kind) => remedies(gpu)[kind] ?? []);
  const hint = remedy === null ? [] : [`for a faster one: ${remedy}`];
  return [`backend ${chosen.kind} (${why}): ${chosen.detail}`, ...hint];
};
