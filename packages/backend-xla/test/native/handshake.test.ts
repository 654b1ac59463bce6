import { describe, expect, it } from 'vitest';
import { showPjrtError } from '../../src/native/error.js';
import { handshake } from '../../src/native/handshake.js';
import { requiredEntries } from '../../src/native/layouts.js';
import { addressOf, stableBytes } from '../../src/native/struct.js';

/** A function table after `PJRT_Api`: size, extensions, the version's size, its extensions, major and minor, functions. */
const table = (major: number, minor: number, functions: number): Buffer => {
  const bytes = stableBytes(40 + 8 * functions);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 0);
  bytes.writeBigUInt64LE(24n, 16);
  bytes.writeInt32LE(major, 32);
  bytes.writeInt32LE(minor, 36);
  for (let i = 0; i < functions; i++) bytes.writeBigUInt64LE(BigInt(1000 + i), 40 + 8 * i);
  return bytes;
};

const shake = (bytes: Buffer) => handshake('a.so', addressOf(bytes));

const refusal = (bytes: Buffer): string => {
  const answer = shake(bytes);
  return answer._tag === 'Left' ? showPjrtError(answer.left) : 'accepted';
};

describe('handshake', () => {
  it('takes a table that is as long as needed or longer, and finds the functions in it', () => {
    for (const more of [0, 50]) {
      const bytes = table(0, 81, requiredEntries + more);
      const answer = shake(bytes);
      if (answer._tag === 'Left') throw new Error(answer.left._tag);
      expect(answer.right.version).toBe('0.81');
      expect(answer.right.entries.length).toBe(requiredEntries + more);
      expect(answer.right.entries[55]).toBe(1055n);
    }
  });

  it('refuses another major version, naming it and what to do', () => {
    const words =
      'a.so speaks version 1.0 of the PJRT C API: this program speaks version 0; setupXla fetches one that fits';
    expect(refusal(table(1, 0, requiredEntries))).toContain(words);
  });

  it('refuses a version that is too old, and one that lacks functions', () => {
    expect(refusal(table(0, 53, requiredEntries))).toContain('version 0.53');
    expect(refusal(table(0, 81, requiredEntries - 1))).toContain(
      `it has ${requiredEntries - 1} functions; this program needs ${requiredEntries}`,
    );
  });

  it('refuses a table that says nothing, and none at all', () => {
    expect(refusal(stableBytes(40))).toContain('it has 0 functions');
    expect(handshake('a.so', 0n)).toMatchObject({ left: { _tag: 'LoadFailed', path: 'a.so' } });
  });
});
