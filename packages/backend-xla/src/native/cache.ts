import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** What an executable was compiled from and for: the same in all parts, or another executable. */
export interface CacheKey {
  /** The module's text. */
  readonly module: string;
  readonly options: Uint8Array;
  /** Plugin, its version, device and processor, in words. */
  readonly target: readonly string[];
}

/** Executables on disk. */
export interface CompileCache {
  /** The bytes of an executable; `undefined` when there is none, or none that is whole. */
  readonly read: (key: CacheKey) => Promise<Uint8Array | undefined>;
  /** Stores the bytes of an executable; a cache that cannot be written costs time, never a run. */
  readonly write: (key: CacheKey, executable: Uint8Array) => Promise<void>;
}

const suffix = '.xla';
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

/** Removes what was used longest ago until the rest fits. */
const evict = async (directory: string, limit: number): Promise<void> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith(suffix));
  const entries = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(directory, name));
      return { name, size, used: mtimeMs };
    }),
  );
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of entries.toSorted((a, b) => a.used - b.used)) {
    if (total <= limit) return;
    await rm(join(directory, name), { force: true });
    total -= size;
  }
};

const store = async (directory: string, name: string, executable: Uint8Array, limit: number): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `.${name}.${randomUUID()}`);
  await writeFile(temporary, Buffer.concat([magic, digest(executable), executable]));
  // Another process may store the same entry meanwhile: either name is a whole file.
  await rename(temporary, join(directory, name));
  await evict(directory, limit);
};

/** Two gibibytes: some hundred executables of a small policy, a dozen of a large one. */
const defaultLimit = 2 * 2 ** 30;

/**
 * A cache of executables in a directory, which several processes may share.
 *
 * @param limit - bytes that the directory may hold; what was used longest ago leaves.
 * @law an entry that is cut short, altered or foreign is as good as absent, and is replaced.
 */
export const compileCache = (directory: string, limit: number = defaultLimit): CompileCache => ({
  read: async (key) => {
    const path = join(directory, nameOf(key));
    const entry = await readFile(path).catch(() => undefined);
    const executable = entry === undefined ? undefined : unwrap(entry);
    const now = new Date();
    if (executable !== undefined) await utimes(path, now, now).catch(() => undefined);
    return executable;
  },
  write: (key, executable) => store(directory, nameOf(key), executable, limit).catch(() => undefined),
});

/** No cache: every program is compiled. */
export const noCache: CompileCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

/** The processor in words: code for one may not run on another. */
export const processor = (): string => `${process.arch} ${cpus()[0]?.model ?? ''} × ${cpus().length}`;
