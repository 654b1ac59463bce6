import { join } from 'node:path';
import {
  type Installation,
  installOnce,
  type Log,
  onFiles,
  type Pin,
  pinLine,
  runCommand,
  type Tool,
  unpackWheels,
  type WheelPin,
  writeText,
} from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { bindingDirectory, type NativeVariant } from './directories.js';
import type { NativeSetupError, NativeTask } from './error.js';
import { copyInstalled, type InstalledPackage, installedSources } from './installed-package.js';
import { bindingName, linkBinding, neededFromWheel } from './link.js';
import { nodeApiHeadersPin, protobufPin, supportedPlatforms, tfjsNodePin, wheelsFor } from './pins.js';
import { buildStderrGate } from './stderr-gate.js';
import { downloadTarball, extractTarball } from './tarball.js';
import { findSetupTools, type SetupTools } from './tools.js';

/** What {@link setupTfjsNative} is asked to do. */
export type NativeSetup = {
  readonly variant: NativeVariant;
  /** The cache directory; see `cacheDirectory` of `@torsor/install`. */
  readonly cache: string;
  readonly log: Log;
  /** Directory of the user's project: where it has tfjs-node or tfjs-node-gpu installed, nothing of them is downloaded. */
  readonly project: string;
};

/** A linked binding. */
export type NativeInstall = {
  readonly directory: string;
  readonly variant: NativeVariant;
  /** Name and version of the TensorFlow wheel. */
  readonly tensorflow: string;
  /** True when an earlier run had already made it. */
  readonly reused: boolean;
};

const stampFormat = 1;

/** tfjs-node asks for tfjs by name; what it gets is the core that the loader already has. */
const coreShim = `module.exports = globalThis[Symbol.for('torsor.tfjs-core')];\n`;

const writeCoreShims = async (directory: string): Promise<void> => {
  for (const name of ['tfjs', 'tfjs-core']) {
    const shim = join(directory, 'node_modules', '@tensorflow', name);
    const description = { name: `@tensorflow/${name}`, version: tfjsNodePin.version, main: 'index.js' };
    await writeText(join(shim, 'package.json'), `${JSON.stringify(description)}\n`);
    await writeText(join(shim, 'index.js'), coreShim);
  }
};

/** What is downloaded as tarballs: tfjs-node itself only where it is not installed. */
const tarballsBeside = (installed: InstalledPackage | undefined): readonly Pin[] => [
  ...(installed === undefined ? [tfjsNodePin] : []),
  nodeApiHeadersPin,
  protobufPin,
];

const packageDirectory = (into: string, name: string): string => join(into, 'node_modules', ...name.split('/'));

const unpackPackages = (
  npm: Tool,
  downloads: string,
  { log, project }: NativeSetup,
  into: string,
): NativeTask<unknown> => {
  const installed = installedSources(project);
  return pipe(
    tarballsBeside(installed),
    TE.traverseSeqArray((pin) =>
      pipe(
        downloadTarball(npm, downloads, pin, log),
        TE.flatMap((file) => extractTarball(file, packageDirectory(into, pin.name))),
      ),
    ),
    TE.flatMap((): NativeTask<unknown> => {
      if (installed === undefined) return TE.right(undefined);
      log(`the sources in ${installed.directory}`);
      return copyInstalled(installed, packageDirectory(into, tfjsNodePin.name));
    }),
    TE.flatMap(() => onFiles(into, () => writeCoreShims(into))),
  );
};

// in a process of its own: a library that cannot be loaded must not take the caller down
const tryLoading = (binding: string): NativeTask<unknown> => {
  return runCommand(process.execPath, ['-e', 'require(process.argv[1])', binding]);
};

const installation = (
  setup: NativeSetup,
  wheels: readonly WheelPin[],
  platform: string,
): Installation<NativeSetupError, SetupTools> => {
  const { cache, log, variant, project } = setup;
  const installed = installedSources(project);
  const downloads = join(cache, 'downloads', 'tfjs-native');
  return {
    directory: bindingDirectory(cache, variant),
    downloads,
    artefact: bindingName,
    manifest: (binding) => ({
      format: stampFormat,
      variant,
      platform,
      sources: [
        ...[...wheels, ...tarballsBeside(installed)].map(pinLine),
        ...(installed === undefined ? [] : [`@tensorflow/${installed.kind}@${installed.version} as installed`]),
      ],
      binding,
    }),
    prepare: findSetupTools,
    fill: (into, { pip, compiler, npm }) =>
      pipe(
        unpackWheels(wheels, join(into, 'lib'), { pip, downloads, log, keep: neededFromWheel }),
        TE.flatMap(() => unpackPackages(npm, downloads, setup, into)),
        TE.tap(() => TE.fromIO(() => log('compiling the binding'))),
        TE.flatMap(() => buildStderrGate(compiler, into)),
        TE.flatMap(() => linkBinding(compiler, into)),
        TE.flatMap(tryLoading),
      ),
  };
};

/**
 * Links tfjs-node's own binding against the TensorFlow library of the PyPI wheel, inside the cache directory.
 *
 * The binding's sources are those of an installed tfjs-node-gpu or tfjs-node of the pinned version; where there is none, they are
 * downloaded. Downloads a wheel with pip and npm tarballs, verifies their sha256, unpacks what is needed, compiles two C++ files,
 * tries the result in a process of its own, and only then gives the directory its name. A finished download is kept when a later step
 * fails; a second run of a finished setup changes nothing.
 *
 * @param setup - variant, cache directory, progress.
 * @errors `UnsupportedPlatform`, `MissingTools`, `CommandFailed`, `HashMismatch`, `BadArchive`, `FileSystem`.
 */
export const setupTfjsNative = (setup: NativeSetup): NativeTask<NativeInstall> => {
  const { variant } = setup;
  const platform = `${process.platform}-${process.arch}`;
  const wheels = wheelsFor(variant, platform);
  const [tensorflow] = wheels ?? [];
  if (wheels === undefined || tensorflow === undefined) {
    return TE.left({
      _tag: 'UnsupportedPlatform',
      what: 'TensorFlow library',
      platform: `${variant} ${platform}`,
      supported: supportedPlatforms,
      remedy: 'Use --package-installer or the wasm backend.',
    });
  }
  const wanted = installation(setup, wheels, platform);
  return pipe(
    installOnce(wanted),
    TE.map((reused) => ({
      directory: wanted.directory,
      variant,
      tensorflow: `${tensorflow.name} ${tensorflow.version}`,
      reused,
    })),
  );
};
