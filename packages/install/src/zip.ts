import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InstallError, type InstallTask, messageOf } from './error.js';

type ZipEntry = {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
  /** Unix permissions, zero where the archive has none. */
  readonly mode: number;
};

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localHeaderSize = 30;
const maxTail = 65_557;
const stored = 0;
const deflated = 8;
const executableBits = 0o111;

const readAt = async (file: FileHandle, offset: number, size: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, offset);
  if (bytesRead !== size) throw new Error('the file ends too early');
  return buffer;
};

const readDirectory = async (file: FileHandle): Promise<readonly ZipEntry[]> => {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - maxTail), Math.min(size, maxTail));
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || tail.readUInt32LE(end) !== endSignature) throw new Error('it has no zip directory');
  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const count = tail.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i += 1) {
    if (directory.readUInt32LE(at) !== entrySignature) throw new Error(`directory entry ${i} is damaged`);
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      headerOffset: directory.readUInt32LE(at + 42),
      mode: directory.readUInt16LE(at + 40),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
};

const extractEntry = async (archive: string, file: FileHandle, entry: ZipEntry, target: string): Promise<void> => {
  const header = await readAt(file, entry.headerOffset, localHeaderSize);
  const start = entry.headerOffset + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
  await mkdir(dirname(target), { recursive: true });
  if (entry.compressedSize === 0) return pipeline([], createWriteStream(target));
  const bytes = createReadStream(archive, { start, end: start + entry.compressedSize - 1 });
  if (entry.method === stored) return pipeline(bytes, createWriteStream(target));
  if (entry.method === deflated) return pipeline(bytes, createInflateRaw(), createWriteStream(target));
  throw new Error(`${entry.name} uses compression method ${entry.method}`);
};

const extract = async (archive: string, target: string, keep: (name: string) => boolean): Promise<number> => {
  const file = await open(archive);
  try {
    const wanted = (await readDirectory(file)).filter((entry) => !entry.name.endsWith('/') && keep(entry.name));
    for (const entry of wanted) {
      if (normalize(entry.name).startsWith('..')) throw new Error(`${entry.name} points outside the archive`);
      await extractEntry(archive, file, entry, join(target, entry.name));
      if ((entry.mode & executableBits) !== 0) await chmod(join(target, entry.name), 0o755);
    }
    return wanted.length;
  } finally {
    await file.close();
  }
};

/**
 * Extracts the chosen members of a zip archive (a Python wheel is one) as streams, so a member of any size needs little memory.
 * What is executable in the archive is so afterwards.
 *
 * @param archive - the zip file.
 * @param target - directory that receives the members under their own paths.
 * @param keep - test of a member's path.
 * @returns how many members were written.
 * @errors `BadArchive` when the archive is damaged or holds none of the wanted members.
 */
export const extractZip = (archive: string, target: string, keep: (name: string) => boolean): InstallTask<number> => {
  const bad = (reason: string): InstallError => ({ _tag: 'BadArchive', file: archive, reason });
  return TE.filterOrElse(
    (count: number) => count > 0,
    () => bad('none of the expected files is inside'),
  )(
    TE.tryCatch(
      () => extract(archive, target, keep),
      (cause) => bad(messageOf(cause)),
    ),
  );
};
