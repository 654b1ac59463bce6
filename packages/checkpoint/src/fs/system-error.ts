import type { CheckpointError } from '../error.js';

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN';

/** What the system threw, as a `CheckpointError`. */
const systemError =
  (tag: 'CannotRead' | 'CannotWrite', path: string) =>
  (cause: unknown): CheckpointError => ({ _tag: tag, path, code: codeOf(cause), reason: String(cause) });

/** A failed read of a path. */
export const cannotRead = (path: string): ((cause: unknown) => CheckpointError) => systemError('CannotRead', path);

/** A failed write to a path. */
export const cannotWrite = (path: string): ((cause: unknown) => CheckpointError) => systemError('CannotWrite', path);

/** Whether the system's answer was that there is no such file. */
export const isAbsent = (cause: unknown): boolean => codeOf(cause) === 'ENOENT';
