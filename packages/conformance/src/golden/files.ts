import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, type SafetensorsTensor } from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import type { GoldenError } from './error.js';

/** Readers of one golden directory; every path is relative to it. */
export type GoldenFiles = {
  readonly directory: string;
  readonly has: (path: string) => boolean;
  readonly json: (path: string) => E.Either<GoldenError, unknown>;
  readonly tensors: (path: string) => E.Either<GoldenError, ReadonlyMap<string, SafetensorsTensor>>;
};

const unreadable =
  (path: string) =>
  (cause: unknown): GoldenError => ({ _tag: 'Unreadable', path, reason: String(cause) });

/**
 * The golden files of a directory.
 *
 * @param directory - by default what the environment variable `TORSOR_GOLDEN` names, else the fixtures of this package.
 * @errors `Unreadable`, `Malformed` from `json` and `tensors`.
 */
export const goldenFiles = (
  directory = process.env['TORSOR_GOLDEN'] ?? fileURLToPath(new URL('../../fixtures/golden', import.meta.url)),
): GoldenFiles => ({
  directory,
  has: (path) => existsSync(join(directory, path)),
  json: (path) => E.tryCatch((): unknown => JSON.parse(readFileSync(join(directory, path), 'utf8')), unreadable(path)),
  tensors: (path) => {
    const bytes = E.tryCatch(() => readFileSync(join(directory, path)), unreadable(path));
    if (E.isLeft(bytes)) return bytes;
    const decoded = decodeSafetensors(bytes.right);
    return E.isLeft(decoded)
      ? E.left({ _tag: 'Malformed', path, error: decoded.left })
      : E.right(decoded.right.tensors);
  },
});
