import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from '../error.js';
import { manifestFile } from '../layout.js';
import type { Manifest } from '../manifest.js';
import { decodeManifest } from '../manifest-codec.js';
import { hashFile } from './file-hash.js';
import { nodeFileSystem } from './node-file-system.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

/** The manifest of a checkpoint of ours, its own hash checked. */
export const readManifest = async (directory: string): Result<Manifest> => {
  const bytes = await nodeFileSystem.read(join(directory, manifestFile))();
  if (E.isLeft(bytes)) return bytes;
  return decodeManifest(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.right), directory);
};

/**
 * Compares one file of a checkpoint with the manifest, a piece at a time.
 *
 * @errors `MissingFile`, `HashMismatch`, `CannotRead`.
 */
export const verifyFile = async (directory: string, manifest: Manifest, file: string): Result<void> => {
  const record = manifest.files[file];
  if (record === undefined) return E.left({ _tag: 'MissingFile', path: directory, file });
  const hash = await hashFile(join(directory, file))();
  if (E.isLeft(hash)) return hash;
  return hash.right === record.sha256 ? E.right(undefined) : E.left({ _tag: 'HashMismatch', path: directory, file });
};
