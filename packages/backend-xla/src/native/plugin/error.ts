import { type InstallError, showInstallError } from '@torsor/install';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** Why a plugin cannot be had or used. Every member names the file, where there is one, and what to do. */
export type PluginError =
  | InstallError
  /** A path that was given leads nowhere. */
  | { readonly _tag: 'Missing'; readonly path: string; readonly remedy: string }
  /** A library for another processor. */
  | {
      readonly _tag: 'WrongArchitecture';
      readonly path: string;
      readonly expected: string;
      readonly actual: string;
      readonly remedy: string;
    }
  /** A library that ends before its own tables say. */
  | {
      readonly _tag: 'Truncated';
      readonly path: string;
      readonly expectedBytes: number;
      readonly actualBytes: number;
      readonly remedy: string;
    }
  /** A file that is no library, or one that does not speak PJRT. */
  | { readonly _tag: 'NotAPlugin'; readonly path: string; readonly reason: string; readonly remedy: string }
  /** A library that another process could not load, in that process' words. */
  | { readonly _tag: 'TrialFailed'; readonly path: string; readonly reason: string; readonly remedy: string };

/** A task that may fail with a {@link PluginError}. */
export type PluginTask<A> = TaskEither<PluginError, A>;

/** Text of a {@link PluginError} for a person: what is wrong with which file, then what to do about it. */
export const showPluginError = (error: PluginError): string => {
  switch (error._tag) {
    case 'Missing':
      return `${error.path} does not exist. ${error.remedy}`;
    case 'WrongArchitecture':
      return `${error.path} is for ${error.actual}, this process runs on ${error.expected}. ${error.remedy}`;
    case 'Truncated':
      return `${error.path} is cut short: it has ${error.actualBytes} bytes of at least ${error.expectedBytes}. ${error.remedy}`;
    case 'NotAPlugin':
      return `${error.path} is no PJRT plugin: ${error.reason}. ${error.remedy}`;
    case 'TrialFailed':
      return `${error.path} does not load: ${error.reason}. ${error.remedy}`;
    default:
      return showInstallError(error);
  }
};
