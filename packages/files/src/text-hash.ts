import { createHash } from 'node:crypto';

/** SHA-256 (hex) of a text's UTF-8 bytes. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex');
