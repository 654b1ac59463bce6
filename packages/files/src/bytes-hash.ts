import { createHash } from 'node:crypto';

/** SHA-256 of bytes, in hex. */
export const bytesHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
