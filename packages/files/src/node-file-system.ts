import type { FileHandle } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileError } from './error.js';
import type { DirectoryEntry, FileSystem, OpenFile, Put } from './file-system.js';
import { cannotRead, cannotWrite, isAbsent, isTaken } from './system-error.js';

// One call to the system moves at most 2 GiB.
const chunk = 2 ** 30;

const writing = <A>(path: string, run: () => Promise<A>): TE.TaskEither<FileError, A> =>
  TE.tryCatch(run, cannotWrite(path));

const reading = <A>(path: string, run: () => Promise<A>): TE.TaskEither<FileError, A> =>
  TE.tryCatch(run, cannotRead(path));

const append = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(chunk, bytes.byteLength - done));
    done += bytesWritten;
  }
};

const write =
  <X>(path: string, fill: (put: Put) => TE.TaskEither<X, unknown>): TE.TaskEither<FileError | X, void> =>
  async () => {
    try {
      const file = await fs.open(path, 'wx');
      try {
        const filled = await fill((bytes) => writing(path, () => append(file, bytes)))();
        return E.isLeft(filled) ? filled : E.right(undefined);
      } finally {
        await file.close();
      }
    } catch (cause) {
      return E.left(cannotWrite(path)(cause));
    }
  };

const fillFrom = async (file: FileHandle, offset: number, target: Uint8Array): Promise<void> => {
  let done = 0;
  while (done < target.byteLength) {
    const length = Math.min(chunk, target.byteLength - done);
    const { bytesRead } = await file.read(target, done, length, offset + done);
    if (bytesRead === 0) throw new Error(`it ends at byte ${offset + done}, ${target.byteLength - done} too early`);
    done += bytesRead;
  }
};

const open = async (path: string): Promise<OpenFile> => {
  const file = await fs.open(path, 'r');
  return {
    bytes: (await file.stat()).size,
    read: (offset, target) => reading(path, () => fillFrom(file, offset, target)),
    close: () => file.close(),
  };
};

const sizeIfPresent = async (path: string): Promise<number> => {
  try {
    return (await fs.stat(path)).size;
  } catch (cause) {
    // A link that leads nowhere.
    if (isAbsent(cause)) return 0;
    throw cause;
  }
};

const listEntries = async (path: string): Promise<readonly DirectoryEntry[]> => {
  const names = await fs.readdir(path, { withFileTypes: true });
  return Promise.all(
    names.map(async (entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory(),
      isLink: entry.isSymbolicLink(),
      bytes: entry.isDirectory() ? 0 : await sizeIfPresent(join(path, entry.name)),
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

const isWindows = process.platform === 'win32';

// Windows has no fsync of a directory, and wants a file to be open for writing.
const sync = async (path: string): Promise<void> => {
  if (isWindows && (await fs.stat(path)).isDirectory()) return;
  const file = await fs.open(path, isWindows ? 'r+' : 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

const makeOne = async (path: string): Promise<readonly string[]> => {
  try {
    await fs.mkdir(path);
    return [path];
  } catch (cause) {
    if (isTaken(cause) && (await fs.stat(path)).isDirectory()) return [];
    throw cause;
  }
};

// Node's own `recursive` never ends below a directory that takes no entries and denies that it is there, as `/proc` does.
const make = async (path: string): Promise<readonly string[]> => {
  try {
    return await makeOne(path);
  } catch (cause) {
    if (!isAbsent(cause) || dirname(path) === path) throw cause;
    const above = await make(dirname(path));
    return [...above, ...(await makeOne(path))];
  }
};

// A new directory is certain only once the directory above it is synced, up to the first that was there before.
const makeDurable = async (path: string): Promise<void> => {
  for (const made of await make(resolve(path))) await sync(dirname(made));
};

/** The machine's disk, through Node. */
export const nodeFileSystem: FileSystem = {
  makeDirectory: (path) => writing(path, () => makeDurable(path)),
  write,
  sync: (path) => writing(path, () => sync(path)),
  rename: (from, to) => writing(to, () => fs.rename(from, to)),
  remove: (path) => writing(path, () => fs.rm(path, { recursive: true, force: true })),
  list: (path) => reading(path, () => listIfPresent(path)),
  open: (path) => reading(path, () => open(path)),
};
