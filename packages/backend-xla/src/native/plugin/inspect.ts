import { type FileHandle, open } from 'node:fs/promises';
import { exists, onFiles } from '@torsor/install';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import {
  architectureOf,
  defines,
  dynamicSymbols,
  type ElfHeader,
  headerSize,
  isRegular,
  machineOf,
  type Range,
  rangeOf,
  readHeader,
  readSections,
  readSegments,
} from './elf.js';
import type { PluginError, PluginTask } from './error.js';

/** The function that makes a library a plugin. */
const entry = 'GetPjrtApi';

/** A plugin's file and what a user does when it is unfit. */
export type PluginFile = {
  readonly path: string;
  readonly remedy: string;
};

const readRange = async (file: FileHandle, { offset, size }: Range): Promise<Buffer> => {
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, offset);
  return bytes.subarray(0, bytesRead);
};

const endOf = (ranges: readonly Range[]): number => Math.max(0, ...ranges.map(({ offset, size }) => offset + size));

const cutShort = ({ path, remedy }: PluginFile, expectedBytes: number, actualBytes: number): PluginError => ({
  _tag: 'Truncated',
  path,
  expectedBytes,
  actualBytes,
  remedy,
});

const notAPlugin = ({ path, remedy }: PluginFile, reason: string): PluginError => ({
  _tag: 'NotAPlugin',
  path,
  reason,
  remedy,
});

/** What is wrong with the tables of a file whose header is right; `undefined` for nothing. */
const inspectTables = async (
  plugin: PluginFile,
  file: FileHandle,
  header: ElfHeader,
  size: number,
): Promise<PluginError | undefined> => {
  if (!isRegular(header)) return notAPlugin(plugin, 'its tables are damaged');
  const tables = endOf([rangeOf(header.programs), rangeOf(header.sections)]);
  if (tables > size) return cutShort(plugin, tables, size);
  const segments = readSegments(header, await readRange(file, rangeOf(header.programs)));
  const sections = readSections(header, await readRange(file, rangeOf(header.sections)));
  const contents = endOf([...segments, ...sections]);
  if (contents > size) return cutShort(plugin, contents, size);
  const tablesOfSymbols = dynamicSymbols(sections);
  // a library may go without section headers: then only loading it tells
  if (tablesOfSymbols === undefined) return sections.length > 0 ? notAPlugin(plugin, 'it exports nothing') : undefined;
  const [symbols, strings] = await Promise.all(tablesOfSymbols.map((range) => readRange(file, range)));
  return symbols !== undefined && strings !== undefined && defines(symbols, strings, entry)
    ? undefined
    : notAPlugin(plugin, `it has no function ${entry}`);
};

const inspectFile = async (
  plugin: PluginFile,
  file: FileHandle,
  architecture: string,
): Promise<PluginError | undefined> => {
  const found = await file.stat();
  if (found.isDirectory()) return notAPlugin(plugin, 'it is a directory');
  const { size } = found;
  const bytes = await readRange(file, { offset: 0, size: headerSize });
  if (bytes.length < headerSize) return cutShort(plugin, headerSize, size);
  const header = readHeader(bytes);
  if (header === undefined) return notAPlugin(plugin, 'it is no 64-bit ELF file');
  if (header.machine !== machineOf(architecture)) {
    const actual = architectureOf(header.machine);
    return {
      _tag: 'WrongArchitecture',
      path: plugin.path,
      expected: architecture,
      actual,
      remedy: plugin.remedy,
    };
  }
  return header.isLibrary ? inspectTables(plugin, file, header, size) : notAPlugin(plugin, 'it is no shared library');
};

/**
 * Looks at a plugin's file before it is loaded: loading one that is cut short may end the process.
 *
 * Where libraries are not ELF files (macOS) only its existence is tested.
 *
 * @param plugin - the file, and what to say when it is unfit.
 * @param architecture - Node's name of the process' architecture.
 * @param platform - Node's name of the operating system.
 * @errors `Missing`, `Truncated`, `WrongArchitecture`, `NotAPlugin`, `FileSystem`.
 */
export const inspectPlugin = (
  plugin: PluginFile,
  architecture: string = process.arch,
  platform: string = process.platform,
): PluginTask<void> => {
  const { path, remedy } = plugin;
  const inspected = (): PluginTask<PluginError | undefined> =>
    onFiles(path, async () => {
      const file = await open(path);
      try {
        return await inspectFile(plugin, file, architecture);
      } finally {
        await file.close();
      }
    });
  return pipe(
    TE.fromTask<boolean, PluginError>(() => exists(path)),
    TE.filterOrElse(
      (there) => there,
      (): PluginError => ({ _tag: 'Missing', path, remedy }),
    ),
    TE.flatMap(() => (platform === 'linux' ? inspected() : TE.right(undefined))),
    TE.flatMapEither((found) => (found === undefined ? E.right(undefined) : E.left(found))),
  );
};
