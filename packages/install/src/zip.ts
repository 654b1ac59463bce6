import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Entry, openPromise } from 'yauzl';
import { type InstallError, type InstallTask, messageOf } from './error.js';

const executableBits = 0o111;

/** Unix permissions of a member, for an archive that was made elsewhere those of a plain file. */
const modeOf = ({ externalFileAttributes }: Entry): number =>
  ((externalFileAttributes >>> 16) & executableBits) === 0 ? 0o644 : 0o755;

/** yauzl refuses a member that points outside, whose size is not the stated one, or whose compression it does not know. */
const extract = async (archive: string, target: string, keep: (name: string) => boolean): Promise<number> => {
  const zip = await openPromise(archive);
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/') || !keep(entry.fileName)) continue;
    const path = join(target, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: modeOf(entry) }));
    count += 1;
  }
  return count;
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
  return pipe(
    TE.tryCatch(
      () => extract(archive, target, keep),
      (cause) => bad(messageOf(cause)),
    ),
    TE.filterOrElse(
      (count) => count > 0,
      () => bad('none of the expected files is inside'),
    ),
  );
};
