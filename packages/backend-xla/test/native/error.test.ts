import { describe, expect, it } from 'vitest';
import { codeName, showPjrtError } from '../../src/native/error.js';

describe('codeName', () => {
  it('names the codes of the C API, and gives the number of another', () => {
    // `PJRT_Error_Code` of pjrt_c_api.h 0.81, which are those of absl::StatusCode.
    expect([1, 3, 8, 12, 13, 16].map(codeName)).toEqual([
      'CANCELLED',
      'INVALID_ARGUMENT',
      'RESOURCE_EXHAUSTED',
      'UNIMPLEMENTED',
      'INTERNAL',
      'UNAUTHENTICATED',
    ]);
    expect(codeName(99)).toBe('code 99');
  });
});

describe('showPjrtError', () => {
  it('names the file or the call, and what to do', () => {
    const reason = 'it is a text';
    expect(showPjrtError({ _tag: 'LoadFailed', path: 'a.so', reason })).toBe('a.so does not load: it is a text');
    expect(showPjrtError({ _tag: 'VersionMismatch', path: 'a.so', version: '1.2', reason })).toContain('1.2');
    expect(showPjrtError({ _tag: 'TooLarge', need: 'it needs 3 GiB', available: '2 GiB' })).toMatch(
      /it needs 3 GiB, and the device has 2 GiB; a smaller batch/,
    );
    expect(showPjrtError({ _tag: 'CallFailed', call: 'Client_Compile', code: 'INTERNAL', message: 'no' })).toBe(
      'Client_Compile (INTERNAL): no',
    );
  });
});
