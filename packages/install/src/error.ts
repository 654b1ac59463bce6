import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A program that has to be on the PATH, what for, and how it is obtained. */
export type MissingTool = {
  readonly tool: string;
  readonly neededFor: string;
  readonly remedy: string;
};

/** Why something could not be installed into the cache. Every member carries, or implies, what to do. */
export type InstallError =
  | { readonly _tag: 'MissingTools'; readonly tools: readonly MissingTool[] }
  | { readonly _tag: 'CommandFailed'; readonly command: string; readonly status: string; readonly output: string }
  | { readonly _tag: 'HashMismatch'; readonly file: string; readonly expected: string; readonly actual: string }
  | {
      readonly _tag: 'UnsupportedPlatform';
      readonly what: string;
      readonly platform: string;
      readonly supported: readonly string[];
      readonly remedy: string;
    }
  | { readonly _tag: 'BadArchive'; readonly file: string; readonly reason: string }
  | { readonly _tag: 'FileSystem'; readonly path: string; readonly reason: string };

/** A task that may fail with an {@link InstallError}. */
export type InstallTask<A> = TaskEither<InstallError, A>;

/** Text of an {@link InstallError} for a person: what failed, then what to do about it. */
export const showInstallError = (error: InstallError): string => {
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
      return `no pinned ${error.what} for ${error.platform}; there is one for ${error.supported.join(', ')}. ${error.remedy}`;
    case 'BadArchive':
      return `${error.file} cannot be unpacked: ${error.reason}. Delete it and run the command again.`;
    case 'FileSystem':
      return `${error.path}: ${error.reason}. Set TORSOR_CACHE to a directory that can be written.`;
  }
};

/** Message of an unknown thrown value. */
export const messageOf = (cause: unknown): string => {
  return cause instanceof Error ? cause.message : String(cause);
};
