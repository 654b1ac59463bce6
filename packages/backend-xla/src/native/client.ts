import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PjrtError } from './error.js';
import { LoadedExecutable } from './executable.js';
import { layouts } from './layouts.js';
import { bytesAt, type Library, textAt } from './library.js';
import { type Address, Struct, stableCopy } from './struct.js';

/** A device of this process. */
export type Device = {
  readonly address: Address;
  /** `cpu`, `NVIDIA H100 80GB HBM3`, … */
  readonly kind: string;
};

/** What a device says of its memory; absent where it does not say. */
export type DeviceMemory = {
  readonly bytesInUse: number;
  readonly peakBytesInUse: number | undefined;
  readonly bytesLimit: number | undefined;
};

/** The language of the modules. */
const format = 'mlir';

/** A runtime on the devices of a plugin. It lives as long as the process. */
export class Client {
  readonly library: Library;
  readonly address: Address;
  /** `cpu`, `cuda`, … */
  readonly platform: string;
  readonly platformVersion: string;
  readonly devices: readonly Device[];

  constructor(library: Library, address: Address, platform: readonly [string, string], devices: readonly Device[]) {
    this.library = library;
    this.address = address;
    [this.platform, this.platformVersion] = platform;
    this.devices = devices;
  }

  /** Compiles a module on a thread of its own. @errors `CallFailed` in the compiler's words. */
  compile(module: string, options: Uint8Array): TE.TaskEither<PjrtError, LoadedExecutable> {
    const program = new Struct(layouts.Program, {
      code: stableCopy(Buffer.from(module, 'utf8')),
      code_size: Buffer.byteLength(module, 'utf8'),
      format: stableCopy(Buffer.from(format)),
      format_size: format.length,
    });
    return pipe(
      this.library.callAsync('Client_Compile', {
        client: this.address,
        program: program.bytes,
        compile_options: stableCopy(options),
        compile_options_size: options.length,
      }),
      TE.map((answer) => new LoadedExecutable(this.library, answer.read('executable'))),
    );
  }

  /** Loads an executable that was serialised by the same plugin. @errors `CallFailed` for bytes that are none of its. */
  deserialize(serialized: Uint8Array): TE.TaskEither<PjrtError, LoadedExecutable> {
    return pipe(
      this.library.callAsync('Executable_DeserializeAndLoad', {
        client: this.address,
        serialized_executable: stableCopy(serialized),
        serialized_executable_size: serialized.length,
      }),
      TE.map((answer) => new LoadedExecutable(this.library, answer.read('loaded_executable'))),
    );
  }

  /** What a device says of its memory; `undefined` where the plugin has no such statistics. */
  memory(device: Device): DeviceMemory | undefined {
    const answer = this.library.call('Device_MemoryStats', { device: device.address });
    if (E.isLeft(answer)) return undefined;
    const stats = answer.right;
    const known = (value: number, isSet: bigint): number | undefined => (isSet === 0n ? undefined : value);
    return {
      bytesInUse: stats.number('bytes_in_use'),
      peakBytesInUse: known(stats.number('peak_bytes_in_use'), stats.read('peak_bytes_in_use_is_set')),
      bytesLimit: known(stats.number('bytes_limit'), stats.read('bytes_limit_is_set')),
    };
  }
}

const textOf = (
  library: Library,
  call: 'Client_PlatformName' | 'Client_PlatformVersion',
  client: Address,
): E.Either<PjrtError, string> =>
  pipe(
    library.call(call, { client }),
    E.map((answer) => textAt(answer.read('text'), answer.number('text_size'))),
  );

const deviceAt = (library: Library, address: Address): E.Either<PjrtError, Device> =>
  pipe(
    library.call('Device_GetDescription', { device: address }),
    E.flatMap((answer) => library.call('DeviceDescription_Kind', { description: answer.read('description') })),
    E.map((answer) => ({ address, kind: textAt(answer.read('text'), answer.number('text_size')) })),
  );

const devicesOf = (library: Library, client: Address): E.Either<PjrtError, readonly Device[]> =>
  pipe(
    library.call('Client_AddressableDevices', { client }),
    E.map((answer) => {
      const bytes = bytesAt(answer.read('devices'), 8 * answer.number('num_devices'));
      return [...new BigUint64Array(bytes.slice().buffer)];
    }),
    E.flatMap((addresses) => E.traverseArray((address: Address) => deviceAt(library, address))(addresses)),
  );

const clients = new WeakMap<Library, Client>();

/**
 * The client of a plugin: one per process, for a second would take the devices' memory twice.
 *
 * @errors `CallFailed` when the plugin finds no device, or another process holds it.
 */
export const clientOf = (library: Library): E.Either<PjrtError, Client> => {
  const known = clients.get(library);
  if (known !== undefined) return E.right(known);
  const created = createClient(library);
  if (E.isRight(created)) clients.set(library, created.right);
  return created;
};

const createClient = (library: Library): E.Either<PjrtError, Client> => {
  const created = library.call('Client_Create', {});
  if (E.isLeft(created)) return created;
  const address = created.right.read('client');
  return pipe(
    E.Do,
    E.bind('name', () => textOf(library, 'Client_PlatformName', address)),
    E.bind('version', () => textOf(library, 'Client_PlatformVersion', address)),
    E.bind('devices', () => devicesOf(library, address)),
    E.map(({ name, version, devices }) => new Client(library, address, [name, version], devices)),
  );
};
