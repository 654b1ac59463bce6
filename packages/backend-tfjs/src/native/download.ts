import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NativeSetupError, NativeTask } from './error.js';
import { atomicDirectory, exists, onFiles, verifyHash } from './files.js';
import type { TarballPin, WheelPin } from './pins.js';
import { runTool, type Tool } from './tools.js';

/** Receives one line of progress. */
export type Log = (line: string) => void;

function onlyFile(directory: string): NativeTask<string> {
  return pipe(
    onFiles(directory, () => readdir(directory)),
    TE.chain((names) => {
      const [name, ...others] = names;
      return name !== undefined && others.length === 0
        ? TE.right(join(directory, name))
        : TE.left<NativeSetupError>({
            _tag: 'FileSystem',
            path: directory,
            reason: `expected one downloaded file, found ${names.length}`,
          });
    }),
  );
}

// a directory per pin: finished downloads survive an interrupted run, half ones never get the final name
function download(directory: string, sha256: string, fetch: (into: string) => NativeTask<unknown>): NativeTask<string> {
  return pipe(
    TE.fromTask<boolean, NativeSetupError>(() => exists(directory)),
    TE.chain((present) => (present ? TE.right(undefined) : TE.map(() => undefined)(atomicDirectory(directory, fetch)))),
    TE.chain(() => onlyFile(directory)),
    TE.chain((file) => verifyHash(file, sha256)),
  );
}

/**
 * Downloads a wheel with pip, for the pinned Python whatever Python pip runs on, and verifies its sha256.
 *
 * @param pip - pip as found on this machine.
 * @param downloads - directory that keeps finished downloads.
 * @param pin - which wheel.
 * @param log - progress.
 * @returns path of the wheel.
 * @errors `CommandFailed`, `HashMismatch`, `FileSystem`.
 */
export function downloadWheel(pip: Tool, downloads: string, pin: WheelPin, log: Log): NativeTask<string> {
  const requirement = `${pin.project}==${pin.version}`;
  return download(join(downloads, `${pin.project}-${pin.version}-${pin.sha256.slice(0, 12)}`), pin.sha256, (into) => {
    log(`pip download ${requirement}`);
    const fixed = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
    return runTool(pip, [...fixed, ...pin.tags, '--dest', into, requirement]);
  });
}

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
export function downloadTarball(npm: Tool, downloads: string, pin: TarballPin, log: Log): NativeTask<string> {
  const spec = `${pin.name}@${pin.version}`;
  const directory = join(downloads, `${pin.name.replace('/', '-')}-${pin.version}-${pin.sha256.slice(0, 12)}`);
  return download(directory, pin.sha256, (into) => {
    log(`npm pack ${spec}`);
    return pipe(
      onFiles(into, () => mkdir(into, { recursive: true })),
      TE.chain(() =>
        runTool(npm, ['pack', spec, '--silent', '--ignore-scripts', '--pack-destination', into], { directory: into }),
      ),
    );
  });
}
