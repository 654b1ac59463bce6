import * as E from 'fp-ts/lib/Either.js';
import koffi from 'koffi';
import type { PjrtError } from './error.js';
import { requiredEntries } from './layouts.js';
import type { Address } from './struct.js';

/** What a plugin offers. */
export type FunctionTable = {
  /** `0.115`, of the C API. */
  readonly version: string;
  /** Functions by position; they are the plugin's memory. */
  readonly entries: BigUint64Array;
};

/** Bytes before the first entry of the function table: its size, an extension pointer, and the version struct. */
const tableStart = 40;
const versionOffset = 32;
const oldestMinor = 54;
const addressSize = 8;

/**
 * The function table at an address, when it has what this program calls.
 *
 * @param api - what a plugin's `GetPjrtApi` answers.
 * @errors `LoadFailed` where there is none, `VersionMismatch` for one that is older or of another major version.
 * @source OpenXLA `xla/pjrt/c/pjrt_c_api.h` `PJRT_Api`: tables grow at their end
 */
export const handshake = (path: string, api: Address): E.Either<PjrtError, FunctionTable> => {
  // A null pointer may come as `null`.
  if (!api) return E.left({ _tag: 'LoadFailed', path, reason: 'it has no function table' });
  const head = Buffer.from(koffi.view(api, tableStart));
  const [major, minor] = [head.readInt32LE(versionOffset), head.readInt32LE(versionOffset + 4)];
  const version = `${major}.${minor}`;
  const refuse = (reason: string): E.Either<PjrtError, never> =>
    E.left({ _tag: 'VersionMismatch', path, version, reason });
  if (major !== 0) return refuse('this program speaks version 0');
  const count = Math.max(0, Math.floor((Number(head.readBigUInt64LE(0)) - tableStart) / addressSize));
  if (minor < oldestMinor || count < requiredEntries) {
    return refuse(`it has ${count} functions; this program needs ${requiredEntries}, as version 0.${oldestMinor} has`);
  }
  const entries = new BigUint64Array(koffi.view(api + BigInt(tableStart), count * addressSize));
  return E.right({ version, entries });
};
