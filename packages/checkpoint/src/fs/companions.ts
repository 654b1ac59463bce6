import { dirname, join } from 'node:path';
import { nodeFileSystem, readBytes } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import type { Accompaniment } from '../convert/options.js';
import type { CheckpointError } from '../error.js';
import { type NamedRecord, writeSmallFile } from './write-tensor-file.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const write = async (directory: string, file: string, bytes: Uint8Array): Result<NamedRecord> => {
  const made = await nodeFileSystem.makeDirectory(dirname(join(directory, file)))();
  return E.isLeft(made) ? made : writeSmallFile(nodeFileSystem, directory, file, bytes)();
};

/**
 * Writes what goes with converted weights, below the directory that they are in.
 *
 * @param from - the checkpoint whose files are copied.
 * @errors `CannotRead`, `CannotWrite`.
 */
export const writeCompanions = async (
  from: string,
  directory: string,
  { files, copies }: Accompaniment,
): Result<readonly NamedRecord[]> => {
  const records: NamedRecord[] = [];
  const contents = new Map<string, Uint8Array>(Object.entries(files));
  for (const [to, file] of Object.entries(copies)) {
    const bytes = await readBytes(nodeFileSystem, join(from, file))();
    if (E.isLeft(bytes)) return bytes;
    contents.set(to, bytes.right);
  }
  for (const [file, bytes] of contents) {
    const written = await write(directory, file, bytes);
    if (E.isLeft(written)) return written;
    records.push(written.right);
  }
  return E.right(records);
};
