import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { downloadPinned, type Log, type Pin } from './download.js';
import type { InstallTask } from './error.js';
import { runTool, type Tool } from './tools.js';
import { extractZip } from './zip.js';

/** A wheel on PyPI. */
export type WheelPin = Pin & {
  /** Size of the download. */
  readonly bytes: number;
  /** The platform tags that pip may take, for example `manylinux_2_27_x86_64`. */
  readonly platforms: readonly string[];
};

// whatever Python pip runs on
const pythonArguments = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'];
const downloadArguments = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];

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
const downloadWheel = (pip: Tool, downloads: string, pin: WheelPin, log: Log): InstallTask<string> => {
  const requirement = `${pin.name}==${pin.version}`;
  const platforms = pin.platforms.flatMap((name) => ['--platform', name]);
  return downloadPinned(downloads, pin, (into) => {
    log(`pip download ${requirement}`);
    return runTool(pip, [...downloadArguments, ...pythonArguments, ...platforms, '--dest', into, requirement]);
  });
};

/** What {@link unpackWheels} needs to know. */
export type Unpacking = {
  readonly pip: Tool;
  /** Directory that keeps finished downloads. */
  readonly downloads: string;
  readonly log: Log;
  /** Test of a member's path: whether it is unpacked. */
  readonly keep: (member: string) => boolean;
};

/**
 * Downloads wheels one after another and unpacks what is wanted of each.
 *
 * @param wheels - the wheels.
 * @param into - directory that receives the members under their own paths.
 * @param unpacking - how.
 * @errors `CommandFailed`, `HashMismatch`, `BadArchive`, `FileSystem`.
 */
export const unpackWheels = (wheels: readonly WheelPin[], into: string, unpacking: Unpacking): InstallTask<unknown> => {
  const { pip, downloads, log, keep } = unpacking;
  return TE.traverseSeqArray((pin: WheelPin) =>
    pipe(
      downloadWheel(pip, downloads, pin, log),
      TE.flatMap((file) => extractZip(file, into, keep)),
    ),
  )(wheels);
};
