import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import { cannotRead } from './system-error.js';

// One update takes at most 2 GiB.
const chunkBytes = 2 ** 30;

/** SHA-256 (hex) of a file's bytes, by the system's native code. */
export const fileHash = (bytes: Uint8Array): string => {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.byteLength; start += chunkBytes)
    hash.update(bytes.subarray(start, start + chunkBytes));
  return hash.digest('hex');
};

/** SHA-256 (hex) of a file, read a piece at a time. */
export const hashFile = (path: string): TE.TaskEither<CheckpointError, string> =>
  TE.tryCatch(async () => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) hash.update(chunk);
    return hash.digest('hex');
  }, cannotRead(path));
