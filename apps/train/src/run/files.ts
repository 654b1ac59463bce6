import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RunError } from './error.js';

const causeOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Runs a write of `path`; what it rejects with becomes `NotWritable`. */
export const writing = <A>(path: string, write: () => Promise<A>): TE.TaskEither<RunError, A> =>
  TE.tryCatch(write, (cause): RunError => ({ _tag: 'NotWritable', path, cause: causeOf(cause) }));

/** Runs a read of `path`; what it rejects with becomes `NotReadable`. */
export const reading = <A>(path: string, read: () => Promise<A>): TE.TaskEither<RunError, A> =>
  TE.tryCatch(read, (cause): RunError => ({ _tag: 'NotReadable', path, cause: causeOf(cause) }));

// Windows has no fsync of a folder.
const syncFolder = async (dir: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const writeDurably = async (path: string, text: string): Promise<void> => {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const codeOf = (cause: unknown): unknown => (cause instanceof Error && 'code' in cause ? cause.code : undefined);

/**
 * Makes a folder with its parents. Node's own `recursive` never ends below a folder that takes no entries and denies
 * that it is there, as `/proc` does.
 */
export const makeFolder = async (dir: string): Promise<void> => {
  const made = await mkdir(dir).catch(codeOf);
  const parent = dirname(resolve(dir));
  if (made === 'ENOENT' && parent !== resolve(dir)) {
    await makeFolder(parent);
    await mkdir(dir);
  } else if (made !== undefined) {
    // There already, or refused for a reason of its own, which this says at once.
    await mkdir(dir, { recursive: true });
  }
};

/** Writes a text file whole or not at all: a temporary name, fsync, rename, fsync of the folder. */
export const writeAtomically = (path: string, text: string): TE.TaskEither<RunError, void> =>
  writing(path, async () => {
    const temporary = `${path}.${process.pid}.tmp`;
    await makeFolder(dirname(path));
    try {
      await writeDurably(temporary, text);
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } finally {
      await rm(temporary, { force: true });
    }
  });

/** The text of a file. */
export const readText = (path: string): TE.TaskEither<RunError, string> => reading(path, () => readFile(path, 'utf8'));
