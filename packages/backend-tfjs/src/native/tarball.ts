import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  downloadPinned,
  type InstallError,
  type InstallTask,
  type Log,
  messageOf,
  onFiles,
  type Pin,
  runTool,
  type Tool,
} from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

const blockSize = 512;

type TarEntry = {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
};

const text = (block: Buffer, start: number, length: number): string => {
  return block.toString('utf8', start, start + length).split('\0', 1)[0] ?? '';
};

// oxlint-disable-next-line func-style -- a generator has no other form
function* entries(archive: Buffer): Generator<TarEntry> {
  for (let at = 0; at + blockSize <= archive.length && archive[at] !== 0; ) {
    const prefix = text(archive, at + 345, 155);
    const size = Number.parseInt(text(archive, at + 124, 12), 8);
    if (!Number.isFinite(size)) throw new Error('a header is damaged');
    yield {
      name: prefix === '' ? text(archive, at, 100) : `${prefix}/${text(archive, at, 100)}`,
      type: text(archive, at + 156, 1),
      content: archive.subarray(at + blockSize, at + blockSize + size),
    };
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
  }
}

const unpack = async (archive: string, target: string): Promise<void> => {
  for (const entry of entries(gunzipSync(await readFile(archive)))) {
    if (entry.type !== '0' && entry.type !== '') continue;
    // npm puts every file below one top directory, whatever it is called
    const path = normalize(entry.name.slice(entry.name.indexOf('/') + 1));
    if (path.startsWith('..')) throw new Error(`${entry.name} points outside the archive`);
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), entry.content);
  }
};

/**
 * Unpacks the regular files of an npm tarball (`.tgz`), without its top directory.
 *
 * @param archive - the tarball.
 * @param target - directory that receives the package's files.
 * @errors `BadArchive`.
 */
export const extractTarball = (archive: string, target: string): InstallTask<void> => {
  return TE.tryCatch(
    () => unpack(archive, target),
    (cause): InstallError => ({ _tag: 'BadArchive', file: archive, reason: messageOf(cause) }),
  );
};

/**
 * Downloads an npm tarball (its scripts are not run) and verifies its sha256.
 *
 * @param npm - npm as found on this machine.
 * @param downloads - directory that keeps finished downloads.
 * @param pin - which package.
 * @param log - progress.
 * @returns path of the tarball.
 * @errors `CommandFailed`, `HashMismatch`, `FileSystem`.
 */
export const downloadTarball = (npm: Tool, downloads: string, pin: Pin, log: Log): InstallTask<string> => {
  const spec = `${pin.name}@${pin.version}`;
  return downloadPinned(downloads, pin, (into) => {
    log(`npm pack ${spec}`);
    return pipe(
      onFiles(into, () => mkdir(into, { recursive: true })),
      TE.flatMap(() =>
        runTool(npm, ['pack', spec, '--silent', '--ignore-scripts', '--pack-destination', into], { directory: into }),
      ),
    );
  });
};
