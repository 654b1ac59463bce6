import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { bindingDirectory, type NativeVariant } from './cache.js';
import { runCommand } from './command.js';
import { downloadTarball, downloadWheel, type Log } from './download.js';
import type { NativeSetupError, NativeTask } from './error.js';
import { atomicDirectory, exists, onFiles, sha256, writeText } from './files.js';
import { BINDING_NAME, linkBinding, neededFromWheel } from './link.js';
import { bindingManifest, hasManifest, writeManifest } from './manifest.js';
import { nodeApiHeadersPin, protobufPin, supportedPlatforms, tfjsNodePin, type WheelPin, wheelsFor } from './pins.js';
import { buildStderrGate } from './stderr-gate.js';
import { extractTarball } from './tarball.js';
import { findSetupTools, type SetupTools } from './tools.js';
import { extractZip } from './zip.js';

/** What {@link setupTfjsNative} is asked to do. */
export interface NativeSetup {
  readonly variant: NativeVariant;
  /** The cache directory; see `cacheDirectory`. */
  readonly cache: string;
  readonly log: Log;
}

/** A linked binding. */
export interface NativeInstall {
  readonly directory: string;
  readonly variant: NativeVariant;
  /** Name and version of the TensorFlow wheel. */
  readonly tensorflow: string;
  /** True when an earlier run had already made it. */
  readonly reused: boolean;
}

/** tfjs-node asks for tfjs by name; what it gets is the core that the loader already has. */
const CORE_SHIM = `module.exports = globalThis[Symbol.for('torsor.tfjs-core')];\n`;

async function writeCoreShims(directory: string): Promise<void> {
  for (const name of ['tfjs', 'tfjs-core']) {
    const shim = join(directory, 'node_modules', '@tensorflow', name);
    const description = { name: `@tensorflow/${name}`, version: tfjsNodePin.version, main: 'index.js' };
    await writeText(join(shim, 'package.json'), `${JSON.stringify(description)}\n`);
    await writeText(join(shim, 'index.js'), CORE_SHIM);
  }
}

function unpackWheels(
  tools: SetupTools,
  downloads: string,
  wheels: readonly WheelPin[],
  log: Log,
  into: string,
): NativeTask<unknown> {
  const unpack = (pin: WheelPin): NativeTask<number> =>
    pipe(
      downloadWheel(tools.pip, downloads, pin, log),
      TE.chain((file) => extractZip(file, join(into, 'lib'), neededFromWheel)),
    );
  return TE.traverseSeqArray(unpack)(wheels);
}

function unpackPackages(tools: SetupTools, downloads: string, log: Log, into: string): NativeTask<unknown> {
  return pipe(
    [tfjsNodePin, nodeApiHeadersPin, protobufPin],
    TE.traverseSeqArray((pin) =>
      pipe(
        downloadTarball(tools.npm, downloads, pin, log),
        TE.chain((file) => extractTarball(file, join(into, 'node_modules', ...pin.name.split('/')))),
      ),
    ),
    TE.chain(() => onFiles(into, () => writeCoreShims(into))),
  );
}

// in a process of its own: a library that cannot be loaded must not take the caller down
function tryLoading(binding: string): NativeTask<unknown> {
  return runCommand(process.execPath, ['-e', 'require(process.argv[1])', binding]);
}

function build(
  setup: NativeSetup,
  wheels: readonly WheelPin[],
  tools: SetupTools,
  platform: string,
): NativeTask<NativeInstall> {
  const { cache, log, variant } = setup;
  const downloads = join(cache, 'downloads');
  const directory = bindingDirectory(cache, variant);
  return pipe(
    atomicDirectory(directory, (into) =>
      pipe(
        unpackWheels(tools, downloads, wheels, log, into),
        TE.chain(() => unpackPackages(tools, downloads, log, into)),
        TE.chainFirst(() => TE.fromIO(() => log('compiling the binding'))),
        TE.chain(() => buildStderrGate(tools.compiler, into)),
        TE.chain(() => linkBinding(tools.compiler, into)),
        TE.chainFirst(tryLoading),
        TE.chain(sha256),
        TE.chain((hash) => onFiles(into, () => writeManifest(into, bindingManifest(variant, platform, wheels, hash)))),
      ),
    ),
    TE.chain(() => onFiles(downloads, () => rm(downloads, { recursive: true, force: true }))),
    TE.map(() => ({ directory, variant, tensorflow: tensorflowOf(wheels), reused: false })),
  );
}

function tensorflowOf(wheels: readonly WheelPin[]): string {
  return wheels[0] === undefined ? '' : `${wheels[0].project} ${wheels[0].version}`;
}

function present(
  directory: string,
  wheels: readonly WheelPin[],
  variant: NativeVariant,
  platform: string,
): NativeTask<boolean> {
  const binding = join(directory, BINDING_NAME);
  return pipe(
    TE.fromTask<boolean, NativeSetupError>(() => exists(binding)),
    TE.chain((there) => (there ? sha256(binding) : TE.right(''))),
    TE.chain((hash) =>
      onFiles(directory, () => hasManifest(directory, bindingManifest(variant, platform, wheels, hash))),
    ),
  );
}

/**
 * Links tfjs-node's own binding against the TensorFlow library of the PyPI wheel, inside the cache directory.
 *
 * Downloads a wheel with pip and three npm tarballs, verifies their sha256, unpacks what is needed, compiles two C++ files, tries
 * the result in a process of its own, and only then gives the directory its name. A finished download is kept when a later step
 * fails; a second run of a finished setup changes nothing.
 *
 * @param setup - variant, cache directory, progress.
 * @errors `UnsupportedPlatform`, `MissingTools`, `CommandFailed`, `HashMismatch`, `BadArchive`, `FileSystem`.
 */
export function setupTfjsNative(setup: NativeSetup): NativeTask<NativeInstall> {
  const platform = `${process.platform}-${process.arch}`;
  const wheels = wheelsFor(setup.variant, platform);
  if (wheels === undefined) {
    return TE.left({
      _tag: 'UnsupportedPlatform',
      platform: `${setup.variant} ${platform}`,
      supported: supportedPlatforms,
    });
  }
  const directory = bindingDirectory(setup.cache, setup.variant);
  return pipe(
    present(directory, wheels, setup.variant, platform),
    TE.chain((done) =>
      done
        ? TE.right({ directory, variant: setup.variant, tensorflow: tensorflowOf(wheels), reused: true })
        : TE.chain((tools: SetupTools) => build(setup, wheels, tools, platform))(findSetupTools),
    ),
  );
}
