import type { Backend, BackendError } from '@torsor/backend';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { deviceBackend } from './backend.js';
import { eagerDevice } from './eager/device.js';
import { type NativeSetupError, showNativeSetupError } from './native/error.js';
import type { TfjsKind } from './native/loaded.js';
import type { NativePlaces } from './native/node-binding.js';
import { loadTfjs } from './native/probe.js';
import { wasmDevice } from './wasm/device.js';

const unavailable = (kind: TfjsKind, error: NativeSetupError): BackendError => {
  const remedy = 'remedy' in error ? error.remedy : 'see the message';
  return { _tag: 'Unavailable', backend: kind, reason: showNativeSetupError(error), remedy };
};

/**
 * Loads one tfjs backend and makes a `Backend` of it.
 *
 * @param kind - which.
 * @param places - where native parts may lie: environment variables and the user's project directory.
 * @errors `Unavailable` with the reason and what to do.
 */
export const openTfjs = (kind: TfjsKind, places: NativePlaces): TE.TaskEither<BackendError, Backend> => {
  return pipe(
    loadTfjs(kind, places),
    TE.bimap(
      (error) => unavailable(kind, error),
      (loaded) => (loaded.kind === 'wasm' ? deviceBackend(wasmDevice(loaded)) : deviceBackend(eagerDevice(loaded))),
    ),
  );
};
