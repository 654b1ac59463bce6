import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { messageOf, type NativeSetupError, type NativeTask } from './error.js';

const BLOCK = 512;

interface TarEntry {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

function text(block: Buffer, start: number, length: number): string {
  return block.toString('utf8', start, start + length).split('\0', 1)[0] ?? '';
}

function* entries(archive: Buffer): Generator<TarEntry> {
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const prefix = text(archive, at + 345, 155);
    const size = Number.parseInt(text(archive, at + 124, 12), 8);
    if (!Number.isFinite(size)) throw new Error('a header is damaged');
    yield {
      name: prefix === '' ? text(archive, at, 100) : `${prefix}/${text(archive, at, 100)}`,
      type: text(archive, at + 156, 1),
      content: archive.subarray(at + BLOCK, at + BLOCK + size),
    };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

async function unpack(archive: string, target: string): Promise<void> {
  for (const entry of entries(gunzipSync(await readFile(archive)))) {
    if (entry.type !== '0' && entry.type !== '') continue;
    // npm puts every file below one top directory, whatever it is called
    const path = normalize(entry.name.slice(entry.name.indexOf('/') + 1));
    if (path.startsWith('..')) throw new Error(`${entry.name} points outside the archive`);
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), entry.content);
  }
}

/**
 * Unpacks the regular files of an npm tarball (`.tgz`), without its top directory.
 *
 * @param archive - the tarball.
 * @param target - directory that receives the package's files.
 * @errors `BadArchive`.
 */
export function extractTarball(archive: string, target: string): NativeTask<void> {
  return TE.tryCatch(
    () => unpack(archive, target),
    (cause): NativeSetupError => ({ _tag: 'BadArchive', file: archive, reason: messageOf(cause) }),
  );
}
