/** What a user may ask for: a backend, or the choice of one. */
export const backendNames = ['auto', 'reference', 'wasm', 'tfjs-node', 'tfjs-node-gpu', 'xla'] as const;

/** A backend as a user names it. */
export type BackendName = (typeof backendNames)[number];

/** A backend itself. */
export type BackendKind = Exclude<BackendName, 'auto'>;

/** What `auto` tries, fastest first; the reference is for tests and is never chosen. */
export const automatic: readonly BackendKind[] = ['xla', 'tfjs-node-gpu', 'tfjs-node', 'wasm'];
