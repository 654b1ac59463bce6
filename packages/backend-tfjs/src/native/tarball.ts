import { mkdir } from 'node:fs/promises';
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
import { extract } from 'tar';

const unpack = async (archive: string, target: string): Promise<void> => {
  await mkdir(target, { recursive: true });
  await extract({
    file: archive,
    cwd: target,
    // npm puts every file below one top directory, whatever it is called
    strip: 1,
    // a link could lead outside; npm packs none
    filter: (_path, entry) => 'type' in entry && (entry.type === 'File' || entry.type === 'OldFile'),
    // a damaged header, or a path that leads outside, is an error and not a warning
    strict: true,
  });
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
