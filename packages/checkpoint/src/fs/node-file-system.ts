import type { FileHandle } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError } from '../error.js';
import type { DirectoryEntry, FileSystem } from './file-system.js';
import { cannotRead, cannotWrite, isAbsent } from './system-error.js';

// One call to the system moves at most 2 GiB.
const chunk = 2 ** 30;

const writing = <A>(path: string, run: () => Promise<A>): TE.TaskEither<CheckpointError, A> =>
  TE.tryCatch(run, cannotWrite(path));

const reading = <A>(path: string, run: () => Promise<A>): TE.TaskEither<CheckpointError, A> =>
  TE.tryCatch(run, cannotRead(path));

const withFile = async <A>(path: string, flags: string, use: (file: FileHandle) => Promise<A>): Promise<A> => {
  const file = await fs.open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
};

const writeAll = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(chunk, bytes.byteLength - done));
    done += bytesWritten;
  }
};

const readAll = async (file: FileHandle): Promise<Uint8Array> => {
  const bytes = new Uint8Array((await file.stat()).size);
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, done, Math.min(chunk, bytes.byteLength - done));
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
};

const listEntries = async (path: string): Promise<readonly DirectoryEntry[]> => {
  const names = await fs.readdir(path, { withFileTypes: true });
  return Promise.all(
    names.map(async (entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
      bytes: entry.isDirectory() ? 0 : (await fs.stat(join(path, entry.name))).size,
    })),
  );
};

const listIfPresent = async (path: string): Promise<readonly DirectoryEntry[] | undefined> => {
  try {
    return await listEntries(path);
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw cause;
  }
};

const syncPath = (path: string): Promise<void> => withFile(path, 'r', (file) => file.sync());

// A new directory is certain only once the directory above it is synced, up to the first that was there before.
const makeDurable = async (path: string): Promise<void> => {
  const first = await fs.mkdir(path, { recursive: true });
  if (first === undefined) return;
  const last = dirname(resolve(first));
  for (let parent = dirname(resolve(path)); parent.length >= last.length; parent = dirname(parent)) {
    await syncPath(parent);
    if (parent === last) return;
  }
};

/** The machine's disk, through Node. */
export const nodeFileSystem: FileSystem = {
  makeDirectory: (path) => writing(path, () => makeDurable(path)),
  write: (path, bytes) => writing(path, () => withFile(path, 'wx', (file) => writeAll(file, bytes))),
  sync: (path) => writing(path, () => syncPath(path)),
  rename: (from, to) => writing(to, () => fs.rename(from, to)),
  remove: (path) => writing(path, () => fs.rm(path, { recursive: true, force: true })),
  list: (path) => reading(path, () => listIfPresent(path)),
  read: (path) => reading(path, () => withFile(path, 'r', readAll)),
};
