import { createHash } from 'node:crypto';

// One update takes at most 2 GiB.
const CHUNK = 2 ** 30;

/** SHA-256 (hex) of a file's bytes, by the system's native code. */
export const fileHash = (bytes: Uint8Array): string => {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.byteLength; start += CHUNK) hash.update(bytes.subarray(start, start + CHUNK));
  return hash.digest('hex');
};
