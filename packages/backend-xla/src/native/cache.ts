import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** What an executable was compiled from and for: the same in all parts, or another executable. */
export type CacheKey = {
  /** The module's text. */
  readonly module: string;
  readonly options: Uint8Array;
  /** Plugin, its version, device and processor, in words. */
  readonly target: readonly string[];
};

/** Executables on disk. */
export type CompileCache = {
  /** The bytes of an executable; `undefined` when there is none, or none that is whole. */
  readonly read: (key: CacheKey) => Promise<Uint8Array | undefined>;
  /** Stores the bytes of an executable; a directory that cannot be written costs time, never a run. */
  readonly write: (key: CacheKey, executable: Uint8Array) => Promise<void>;
};

const suffix = '.xla';
const partial = '.part-';
const magic = Buffer.from('torsor-xla-1\n');
const digestSize = 32;

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const nameOf = ({ module, options, target }: CacheKey): string => {
  const hash = createHash('sha256');
  for (const part of [module, options, ...target]) hash.update(part).update('\0');
  return `${hash.digest('hex')}${suffix}`;
};

/** The executable in an entry; `undefined` where it is cut short, altered, or not ours. */
const unwrap = (entry: Buffer): Uint8Array | undefined => {
  const head = magic.length + digestSize;
  if (entry.length <= head || !entry.subarray(0, magic.length).equals(magic)) return undefined;
  const payload = entry.subarray(head);
  return digest(payload).equals(entry.subarray(magic.length, head)) ? payload : undefined;
};

type Entry = {
  readonly path: string;
  readonly size: number;
  readonly used: number;
};

/** The files of a directory; another process may remove some meanwhile. */
const entriesOf = async (directory: string): Promise<readonly Entry[]> => {
  const found = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const path = join(directory, name);
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
      return { path, size, used: mtimeMs };
    }),
  );
  return found.toSorted((a, b) => a.used - b.used);
};

/** Writing an entry takes seconds: a file that is still unfinished after an hour belongs to a process that is gone. */
const abandonedAfter = 60 * 60 * 1000;

/** Removes what was used longest ago until the rest fits, and what was never finished. */
const evict = async (directory: string, limit: number): Promise<void> => {
  const found = await entriesOf(directory);
  const abandoned = found.filter(({ path, used }) => path.includes(partial) && used < Date.now() - abandonedAfter);
  for (const { path } of abandoned) await rm(path, { force: true });
  const entries = found.filter(({ path }) => path.endsWith(suffix));
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of entries) {
    if (total <= limit) return;
    await rm(path, { force: true });
    total -= size;
  }
};

const store = async (directory: string, name: string, executable: Uint8Array, limit: number): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `${name}${partial}${randomUUID()}`);
  try {
    await writeFile(temporary, Buffer.concat([magic, digest(executable), executable]));
    // Another process may store the same entry meanwhile: either name is a whole file.
    await rename(temporary, join(directory, name));
  } finally {
    await rm(temporary, { force: true });
  }
  await evict(directory, limit);
};

/** How a cache behaves. */
export type CacheOptions = {
  /** Bytes that the directory may hold; what was used longest ago leaves. */
  readonly limit?: number;
  /** Receives a line, once, when the directory cannot be written. */
  readonly log?: ((line: string) => void) | undefined;
};

/** Two gibibytes: some hundred executables of a small policy, a dozen of a large one. */
const defaultLimit = 2 * 2 ** 30;

/**
 * A cache of executables in a directory, which several processes may share.
 *
 * @law an entry that is cut short, altered or foreign is as good as absent, and is replaced.
 */
export const compileCache = (directory: string, { limit = defaultLimit, log }: CacheOptions = {}): CompileCache => {
  let warned = false;
  const warn = (cause: unknown): void => {
    if (!warned) log?.(`compiled programs are not kept: ${cause instanceof Error ? cause.message : String(cause)}`);
    warned = true;
  };
  return {
    read: async (key) => {
      const path = join(directory, nameOf(key));
      const entry = await readFile(path).catch(() => undefined);
      const executable = entry === undefined ? undefined : unwrap(entry);
      const now = new Date();
      if (executable !== undefined) await utimes(path, now, now).catch(() => undefined);
      return executable;
    },
    write: (key, executable) => store(directory, nameOf(key), executable, limit).catch(warn),
  };
};

/** No cache: every program is compiled. */
export const noCache: CompileCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

/** A file in words: a plugin that is replaced in its place may say the same version of itself. */
export const fileIdentity = (path: string): string => {
  const file = statSync(path, { throwIfNoEntry: false });
  return `${path} ${file?.size} ${file?.mtimeMs}`;
};

/** The processor in words: code for one may not run on another. */
export const processor = (): string => `${process.arch} ${cpus()[0]?.model ?? ''} × ${cpus().length}`;
