import { type NativeTask, showNativeSetupError } from './error.js';
import type { LoadedTfjs, TfjsKind } from './loaded.js';
import { loadNodeBinding, type NativePlaces } from './node-binding.js';
import { loadWasm } from './wasm.js';

/** Whether one of the tfjs backends can run here. */
export type TfjsProbe = {
  readonly kind: TfjsKind;
  readonly available: boolean;
  /** What was loaded, or why it could not be and what to do. */
  readonly detail: string;
};

/** The tfjs backends, fastest first: the order in which one is chosen. */
export const tfjsKinds: readonly TfjsKind[] = ['tfjs-node-gpu', 'tfjs-node', 'wasm'];

/**
 * Loads one tfjs backend.
 *
 * @param kind - which.
 * @param places - where native parts may lie.
 * @errors `NotInstalled`, `LoadFailed`.
 */
export const loadTfjs = (kind: TfjsKind, places: NativePlaces): NativeTask<LoadedTfjs> => {
  return kind === 'wasm' ? loadWasm() : loadNodeBinding(kind, places);
};

/**
 * Tries every tfjs backend: which can load here, and why not.
 *
 * @param places - where native parts may lie.
 */
export const probeTfjs = async (places: NativePlaces): Promise<readonly TfjsProbe[]> => {
  const probes: TfjsProbe[] = [];
  for (const kind of tfjsKinds) {
    const loaded = await loadTfjs(kind, places)();
    probes.push(
      loaded._tag === 'Right'
        ? { kind, available: true, detail: loaded.right.description }
        : { kind, available: false, detail: showNativeSetupError(loaded.left) },
    );
  }
  return probes;
};
