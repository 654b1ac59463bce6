import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Description } from '@torsor/data';
import type { Finding } from '../finding.js';
import { videoFiles } from '../videos.js';
import { counted, listed } from '../words.js';

/** Longer than any Git LFS pointer. */
const pointerBytes = 1024;

const pointerStart = 'version https://git-lfs.github.com/spec/';

const startOf = async (path: string): Promise<string> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(pointerStart.length), 0, pointerStart.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
};

/** What a video file is instead of one: empty, or a pointer; `null` where it may be one, or is not there. */
const faultOf = async (path: string): Promise<'empty' | 'pointer' | null> => {
  try {
    const { size } = await stat(path);
    if (size === 0) return 'empty';
    return size < pointerBytes && (await startOf(path)) === pointerStart ? 'pointer' : null;
  } catch {
    return null;
  }
};

const faults = {
  empty: { _tag: 'EmptyVideo', what: 'has no bytes', remedy: 'copy the dataset again' },
  pointer: { _tag: 'VideoLfsPointer', what: 'is a Git LFS pointer, not the file itself', remedy: 'git lfs pull' },
} as const;

const faultFinding = (fault: keyof typeof faults, files: readonly string[]): readonly Finding[] => {
  const [first] = files;
  if (first === undefined) return [];
  const { _tag, what, remedy } = faults[fault];
  const more = files.length > 1 ? ` So ${counted(files.length - 1, 'other is', 'others are')}.` : '';
  return [
    {
      _tag,
      severity: 'error',
      where: { file: first },
      numbers: { files: files.length },
      message: `the video ${what}.${more}`,
      remedy,
    },
  ];
};

const strayFinding = (stray: readonly string[]): readonly Finding[] => {
  const [first] = stray;
  if (first === undefined) return [];
  return [
    {
      _tag: 'UndeclaredFile',
      severity: 'note',
      where: { file: first },
      numbers: { files: stray.length },
      message: `${counted(stray.length, 'parquet file')} in data/ ${stray.length === 1 ? 'is' : 'are'} of no episode that the metadata knows, and not read: ${listed(stray, 3)}.`,
      remedy: null,
    },
  ];
};

const parquetFiles = async (dir: string): Promise<readonly string[]> => {
  try {
    const names = await readdir(join(dir, 'data'), { recursive: true });
    return names.filter((name) => name.endsWith('.parquet')).map((name) => `data/${name.replaceAll('\\', '/')}`);
  } catch {
    return [];
  }
};

/** Files of a dataset that hold nothing, or belong to nothing: no parquet file is opened, no video decoded. */
export const fileFindings = async (
  dir: string,
  { records }: Description,
  cameras: readonly string[],
): Promise<readonly Finding[]> => {
  const declared = new Set(records.map(({ rows }) => rows.file));
  const stray = (await parquetFiles(dir)).filter((file) => !declared.has(file)).toSorted();
  const found: { readonly [F in keyof typeof faults]: string[] } = { empty: [], pointer: [] };
  for (const { file } of videoFiles(records, cameras)) {
    const fault = await faultOf(join(dir, file));
    if (fault !== null) found[fault].push(file);
  }
  return [...faultFinding('empty', found.empty), ...faultFinding('pointer', found.pointer), ...strayFinding(stray)];
};
