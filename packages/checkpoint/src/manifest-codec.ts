import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from './error.js';
import { isJsonObject, lossyPath } from './json.js';
import type { Manifest } from './manifest.js';
import { misformedField } from './manifest-form.js';

const bad = (path: string, field: string, expected: string): E.Either<CheckpointError, never> =>
  E.left({ _tag: 'BadManifest', path, field, expected });

const signed = (content: object): string => {
  const digest = bytesToHex(sha256(utf8ToBytes(JSON.stringify(content))));
  return `${JSON.stringify({ ...content, manifestSha256: digest }, null, 2)}\n`;
};

const isManifest = (value: unknown): value is Manifest => misformedField(value) === undefined;

/**
 * The text of `manifest.json`, ending with a hash of the rest.
 *
 * @param path - the checkpoint, for messages.
 * @errors `BadManifest` for a field of the wrong form, or a value that JSON would change in silence (NaN, undefined, …).
 */
export const encodeManifest = (manifest: Manifest, path: string): E.Either<CheckpointError, string> => {
  const lossy = lossyPath(manifest);
  if (lossy !== undefined) return bad(path, lossy, 'a finite number, text, boolean, null, list or plain object');
  const misformed = misformedField(manifest);
  return misformed === undefined ? E.right(signed(manifest)) : bad(path, misformed.field, misformed.expected);
};

const parse = (text: string, path: string): E.Either<CheckpointError, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    (): CheckpointError => ({ _tag: 'HashMismatch', path, file: 'manifest.json' }),
  );

/**
 * The manifest of a text that `encodeManifest` wrote.
 *
 * @param path - the checkpoint, for messages.
 * @errors `HashMismatch` when one byte differs from what was written; `BadManifest` when another version wrote it.
 */
export const decodeManifest = (text: string, path: string): E.Either<CheckpointError, Manifest> => {
  const parsed = parse(text, path);
  if (E.isLeft(parsed)) return parsed;
  const value = parsed.right;
  if (!isJsonObject(value)) return E.left({ _tag: 'HashMismatch', path, file: 'manifest.json' });
  const { manifestSha256: _, ...content } = value;
  if (signed(content) !== text) return E.left({ _tag: 'HashMismatch', path, file: 'manifest.json' });
  if (isManifest(content)) return E.right(content);
  const misformed = misformedField(content);
  return bad(path, misformed?.field ?? '', misformed?.expected ?? '');
};
