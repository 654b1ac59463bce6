import { join } from 'node:path';
import {
  findTools,
  type Installation,
  installOnce,
  type Log,
  onFiles,
  pinLine,
  pipTo,
  type Tool,
  unpackWheels,
} from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { cudaLibraries } from './cuda.js';
import type { PluginError, PluginTask } from './error.js';
import { inspectPlugin } from './inspect.js';
import { neededOf, type PluginPin, pinnedPlatforms, pluginPinFor, type XlaVariant } from './pins.js';
import { tryPlugin } from './trial.js';

const stampFormat = 1;
const bytesPerMb = 1e6;

/** What {@link setupXla} is asked to do. */
export type XlaSetup = {
  readonly variant: XlaVariant;
  /** The cache directory; see `cacheDirectory` of `@torsor/install`. */
  readonly cache: string;
  readonly log: Log;
};

/** A plugin in the cache. */
export type XlaInstall = {
  readonly directory: string;
  readonly variant: XlaVariant;
  /** Path of the plugin. */
  readonly plugin: string;
  /** Name and version of its wheel. */
  readonly release: string;
  /** True when an earlier run had already made it. */
  readonly reused: boolean;
};

/** Directory of a plugin inside the cache; it is laid out as Python's site-packages are. */
export const pluginDirectory = (cache: string, variant: XlaVariant): string => join(cache, 'xla', variant);

/** Directory of compiled programs inside the cache. */
export const executablesDirectory = (cache: string): string => join(cache, 'xla', 'executables');

/** Loads the plugin as a backend would, before its directory gets its name. */
const tryInside = (into: string, { member }: PluginPin, log: Log): PluginTask<string> => {
  const plugin = { path: join(into, member), remedy: 'Run the command again; where it repeats, use another backend.' };
  return pipe(
    inspectPlugin(plugin),
    TE.flatMap(() => onFiles(into, () => cudaLibraries(into))),
    TE.flatMap((preload) => tryPlugin(plugin, preload)),
    TE.tapIO((version) => () => log(`the plugin loads; it speaks version ${version} of the PJRT C API`)),
  );
};

const installation = (setup: XlaSetup, pin: PluginPin, platform: string): Installation<PluginError, { pip: Tool }> => {
  const { cache, variant, log } = setup;
  const downloads = join(cache, 'downloads', 'xla');
  return {
    directory: pluginDirectory(cache, variant),
    downloads,
    artefact: pin.member,
    manifest: (plugin) => ({ format: stampFormat, variant, platform, sources: pin.wheels.map(pinLine), plugin }),
    prepare: findTools({ pip: pipTo('download the XLA plugin from PyPI') }),
    fill: (into, { pip }) => {
      const total = pin.wheels.reduce((sum, { bytes }) => sum + bytes, 0);
      log(`${Math.ceil(total / bytesPerMb)} MB to download unless they are there already`);
      return pipe(
        unpackWheels(pin.wheels, into, { pip, downloads, log, keep: neededOf(pin) }),
        TE.flatMap(() => tryInside(into, pin, log)),
      );
    },
  };
};

/**
 * Fetches a PJRT plugin into the cache directory.
 *
 * Downloads pinned wheels with pip, verifies their sha256, unpacks the plugin, the libraries that it needs and the licences, loads
 * it in a process of its own, and only then gives the directory its name. A finished download is kept when a later step fails; a
 * second run of a finished setup changes nothing. Needs no root.
 *
 * @param setup - variant, cache directory, progress.
 * @errors `UnsupportedPlatform`, `MissingTools`, `CommandFailed`, `HashMismatch`, `BadArchive`, `FileSystem`; what is wrong with a
 * plugin that does not load: `Truncated`, `WrongArchitecture`, `NotAPlugin`, `TrialFailed`.
 */
export const setupXla = (setup: XlaSetup): PluginTask<XlaInstall> => {
  const { cache, variant } = setup;
  const platform = `${process.platform}-${process.arch}`;
  const pin = pluginPinFor(variant, platform);
  if (pin === undefined) {
    return TE.left({
      _tag: 'UnsupportedPlatform',
      what: 'XLA plugin',
      platform: `${variant} ${platform}`,
      supported: pinnedPlatforms,
      remedy: 'Set TORSOR_PJRT_PLUGIN to the path of a plugin that you have, or use another backend.',
    });
  }
  const directory = pluginDirectory(cache, variant);
  const [{ name, version }] = pin.wheels;
  return pipe(
    installOnce(installation(setup, pin, platform)),
    TE.map((reused) => ({
      directory,
      variant,
      plugin: join(directory, pin.member),
      release: `${name} ${version}`,
      reused,
    })),
  );
};
