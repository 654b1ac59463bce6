import { type InstallError, showInstallError } from '@torsor/install';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/**
 * Why a native or wasm part of the adapter could not be set up or loaded. Every member carries, or implies, what to do.
 */
export type NativeSetupError =
  | InstallError
  | { readonly _tag: 'NotInstalled'; readonly what: string; readonly remedy: string }
  | { readonly _tag: 'LoadFailed'; readonly what: string; readonly reason: string; readonly remedy: string };

/** A task that may fail with a {@link NativeSetupError}. */
export type NativeTask<A> = TaskEither<NativeSetupError, A>;

/** Text of a {@link NativeSetupError} for a person: what failed, then what to do about it. */
export const showNativeSetupError = (error: NativeSetupError): string => {
  switch (error._tag) {
    case 'NotInstalled':
      return `${error.what} is not installed. ${error.remedy}`;
    case 'LoadFailed':
      return `${error.what} does not load: ${error.reason}. ${error.remedy}`;
    default:
      return showInstallError(error);
  }
};
