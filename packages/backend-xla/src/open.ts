import type { Backend, BackendError } from '@torsor/backend';
import { deviceCount, type Mesh, showMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import { xlaBackend } from './backend.js';
import { compileCache, fileIdentity, noCache, processor } from './native/cache.js';
import { type Client, clientOf } from './native/client.js';
import { showPjrtError } from './native/error.js';
import { deviceBytes } from './native/fit.js';
import { loadLibrary } from './native/library.js';
import type { DebugOption } from './options.js';
import type { Precision } from './stablehlo/emitter.js';

/** A plugin on this machine. */
export type Plugin = {
  /** Of the shared library. */
  readonly path: string;
  /** Libraries that it needs, in the order in which they are loaded. */
  readonly preload: readonly string[];
};

/** How a plugin is opened. */
export type XlaOptions = {
  /** Where executables are kept between runs; `null` for nowhere. */
  readonly compileCache: string | null;
  /** Devices to split programs over; `null` for one device. */
  readonly mesh: Mesh | null;
  /** Of products in f32: `highest` is IEEE's; the others let a GPU use shorter mantissas. */
  readonly precision: Precision;
  /** XLA's debug options by name, beside and over those that keep it to IEEE's meaning; JAX's `compiler_options`. */
  readonly compilerOptions?: Readonly<Record<string, DebugOption>>;
  /** Receives a line when compiled programs cannot be kept. */
  readonly log?: ((line: string) => void) | undefined;
};

const unavailable = (reason: string, remedy: string): BackendError => ({
  _tag: 'Unavailable',
  backend: 'xla',
  reason,
  remedy,
});

/** What keeps XLA to IEEE's meaning: a NaN is never dropped by a minimum, and no rounding is skipped. */
const exactness: Readonly<Record<string, DebugOption>> = {
  xla_allow_excess_precision: false,
  xla_cpu_enable_fast_min_max: false,
};

const describe = ({ library, platform, devices }: Client, mesh: Mesh | null): string => {
  const kind = devices[0]?.kind ?? 'no device';
  const where = platform === kind ? kind : `${platform} (${kind})`;
  return `XLA on ${where}${mesh === null ? '' : `, mesh ${showMesh(mesh)}`}; PJRT ${library.version}, ${library.path}`;
};

const backendOn = (client: Client, options: XlaOptions): Backend => {
  const { compileCache: directory, mesh, precision, compilerOptions = {}, log } = options;
  const { library, platformVersion, devices } = client;
  const used = devices.slice(0, mesh === null ? 1 : deviceCount(mesh));
  return xlaBackend({
    name: 'xla',
    description: describe(client, mesh),
    client,
    devices: used,
    mesh,
    cache: directory === null ? noCache : compileCache(directory, { log }),
    target: [
      fileIdentity(library.path),
      library.version,
      platformVersion,
      ...used.map(({ kind }) => kind),
      processor(),
    ],
    available: deviceBytes(client.platform, devices[0] && client.memory(devices[0])?.bytesLimit, used.length),
    precision,
    debug: { ...exactness, ...compilerOptions },
  });
};

/**
 * Opens a plugin as a backend.
 *
 * @errors `Unavailable` for a file that does not load, another version of the API, or fewer devices than the mesh has.
 */
export const openPlugin = (plugin: Plugin, options: XlaOptions): E.Either<BackendError, Backend> => {
  const client = E.flatMap(clientOf)(loadLibrary(plugin.path, plugin.preload));
  if (E.isLeft(client)) {
    return E.left(
      unavailable(showPjrtError(client.left), 'fetch another plugin (setupXla), or choose another backend'),
    );
  }
  const [has, needs] = [client.right.devices.length, options.mesh === null ? 1 : deviceCount(options.mesh)];
  if (has < needs) {
    return E.left(unavailable(`the mesh needs ${needs} devices, there are ${has}`, 'choose a mesh of as many devices'));
  }
  return E.right(backendOn(client.right, options));
};
