import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A program that has to be on the PATH, what for, and how it is obtained. */
export interface MissingTool {
  readonly tool: string;
  readonly neededFor: string;
  readonly remedy: string;
}

/**
 * Why a native or wasm part of the adapter could not be set up or loaded. Every member carries, or implies, what to do.
 */
export type NativeSetupError =
  | { readonly _tag: 'MissingTools'; readonly tools: readonly MissingTool[] }
  | { readonly _tag: 'CommandFailed'; readonly command: string; readonly status: string; readonly output: string }
  | { readonly _tag: 'HashMismatch'; readonly file: string; readonly expected: string; readonly actual: string }
  | { readonly _tag: 'UnsupportedPlatform'; readonly platform: string; readonly supported: readonly string[] }
  | { readonly _tag: 'BadArchive'; readonly file: string; readonly reason: string }
  | { readonly _tag: 'FileSystem'; readonly path: string; readonly reason: string }
  | { readonly _tag: 'NotInstalled'; readonly what: string; readonly remedy: string }
  | { readonly _tag: 'LoadFailed'; readonly what: string; readonly reason: string; readonly remedy: string };

/** A task that may fail with a {@link NativeSetupError}. */
export type NativeTask<A> = TaskEither<NativeSetupError, A>;

/**
 * Text of a {@link NativeSetupError} for a person: what failed, then what to do about it.
 *
 * @param error - the error to print.
 */
export function showNativeSetupError(error: NativeSetupError): string {
  switch (error._tag) {
    case 'MissingTools':
      return error.tools
        .map(({ tool, neededFor, remedy }) => `${tool} was not found; it is needed to ${neededFor}. ${remedy}`)
        .join('\n');
    case 'CommandFailed':
      return `\`${error.command}\` ended with ${error.status}:\n${error.output}`;
    case 'HashMismatch':
      return `${error.file}: sha256 is ${error.actual}, expected ${error.expected}. Delete the file and run the command again; if it repeats, the source was altered.`;
    case 'UnsupportedPlatform':
      return `no pinned TensorFlow library for ${error.platform}; there is one for ${error.supported.join(', ')}. Use --package-installer or the wasm backend.`;
    case 'BadArchive':
      return `${error.file} cannot be unpacked: ${error.reason}. Delete it and run the command again.`;
    case 'FileSystem':
      return `${error.path}: ${error.reason}. Set TORSOR_CACHE to a directory that can be written.`;
    case 'NotInstalled':
      return `${error.what} is not installed. ${error.remedy}`;
    case 'LoadFailed':
      return `${error.what} does not load: ${error.reason}. ${error.remedy}`;
  }
}

/**
 * Message of an unknown thrown value.
 *
 * @param cause - what was thrown.
 */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
