import type { FileError } from './error.js';

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN';

/** What the system threw, as a `FileError`. */
const systemError =
  (tag: 'CannotRead' | 'CannotWrite', path: string) =>
  (cause: unknown): FileError => ({ _tag: tag, path, code: codeOf(cause), reason: reasonOf(cause) });

/** A failed read of a path. */
export const cannotRead = (path: string): ((cause: unknown) => FileError) => systemError('CannotRead', path);

/** A failed write to a path. */
export const cannotWrite = (path: string): ((cause: unknown) => FileError) => systemError('CannotWrite', path);

/** Whether the system's answer was that there is no such file. */
export const isAbsent = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';

/** Whether the system's answer was that something of that name is there. */
export const isTaken = (cause: unknown): boolean => codeOf(cause) === 'EEXIST';
