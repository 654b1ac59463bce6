import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import koffi from 'koffi';
import { codeName, type PjrtError } from './error.js';
import { type Call, layouts, positions, requiredEntries } from './layouts.js';
import { type FieldValues, Struct } from './struct.js';

/** An address in native memory. */
export type Address = bigint;

/** What a call filled in. */
export type Answer<C extends Call> = Struct<(typeof layouts)[C] extends { fields: infer F } ? FieldsOf<F> : never>;

type FieldsOf<F> = { readonly [K in keyof F]: 'pointer' };

/** Bytes before the first entry of the function table: its size, an extension pointer, and the version struct. */
const tableStart = 40;
const versionOffset = 32;
const oldestMinor = 54;

// XLA's compiler recurses deeper than koffi's own stacks allow for.
const stackSize = 16 * 2 ** 20;
koffi.config({ ...koffi.config(), sync_stack_size: stackSize, async_stack_size: stackSize });

const callType = koffi.proto('void *torsor_pjrt_call(void *args)');
const deleterType = koffi.proto('void torsor_pjrt_deleter(void *object)');

/** The address of memory that JavaScript owns; it holds as long as the memory is referenced. */
export const addressOf = (memory: NodeJS.TypedArray): Address => koffi.address(memory);

/** Bytes at an address, not copied: they are the plugin's. */
export const bytesAt = (address: Address, size: number): Uint8Array =>
  size === 0 ? new Uint8Array() : new Uint8Array(koffi.view(address, size));

/** Text at an address. */
export const textAt = (address: Address, size: number): string => Buffer.from(bytesAt(address, size)).toString('utf8');

/** Calls a plugin's deleter of an object. */
export const callDeleter = (deleter: Address, object: Address): void => {
  koffi.call(deleter, deleterType, object);
};

/** A loaded plugin: its function table. It stays loaded until the process ends. */
export class Library {
  readonly path: string;
  /** `0.115`, of the C API. */
  readonly version: string;
  readonly #table: BigUint64Array;

  constructor(path: string, version: string, table: BigUint64Array) {
    this.path = path;
    this.version = version;
    this.#table = table;
  }

  /** Makes a call. @errors `CallFailed`. */
  call<C extends Call>(call: C, values: FieldValues<FieldsOf<(typeof layouts)[C]['fields']>>): E.Either<PjrtError, Answer<C>> {
    const args = this.#arguments(call, values);
    const error: unknown = koffi.call(this.#entry(call), callType, args.bytes);
    return this.#answer(call, args, error);
  }

  /** Makes a call on a thread of its own: Node's event loop goes on meanwhile. @errors `CallFailed`. */
  callAsync<C extends Call>(
    call: C,
    values: FieldValues<FieldsOf<(typeof layouts)[C]['fields']>>,
  ): TaskEither<PjrtError, Answer<C>> {
    return () =>
      new Promise((resolve) => {
        const args = this.#arguments(call, values);
        const entry = koffi.decode(this.#entry(call), callType) as { async: (...args: readonly unknown[]) => void };
        entry.async(args.bytes, (failure: unknown, error: unknown) => {
          resolve(
            failure === null || failure === undefined
              ? this.#answer(call, args, error)
              : E.left({ _tag: 'CallFailed', call, code: 'UNKNOWN', message: String(failure) }),
          );
        });
      });
  }

  #arguments<C extends Call>(call: C, values: object): Answer<C> {
    return new Struct(layouts[call], values) as unknown as Answer<C>;
  }

  #entry(call: Call): Address {
    return this.#table[positions[call]] ?? 0n;
  }

  #answer<C extends Call>(call: C, args: Answer<C>, error: unknown): E.Either<PjrtError, Answer<C>> {
    return typeof error === 'bigint' && error !== 0n ? E.left(this.#failure(call, error)) : E.right(args);
  }

  #failure(call: Call, error: Address): PjrtError {
    const of = { error };
    const message = new Struct(layouts.Error_Message, of);
    koffi.call(this.#entry('Error_Message'), callType, message.bytes);
    const code = new Struct(layouts.Error_GetCode, of);
    koffi.call(this.#entry('Error_GetCode'), callType, code.bytes);
    const text = textAt(message.read('message'), message.number('message_size'));
    koffi.call(this.#entry('Error_Destroy'), callType, new Struct(layouts.Error_Destroy, of).bytes);
    return { _tag: 'CallFailed', call, code: codeName(code.number('code')), message: text };
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Loads a library for good: unloading a plugin whose threads are alive at exit would crash the process. */
const keepLoaded = (path: string): void => {
  const [lazy, global, noDelete] = [1, 0x100, 0x1000];
  const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
  dlopen(path, lazy | noDelete | (path.includes('nvidia') ? global : 0));
};

const loaded = new Map<string, Library>();

const handshake = (path: string, api: Address): E.Either<PjrtError, Library> => {
  const head = Buffer.from(koffi.view(api, tableStart));
  const [major, minor] = [head.readInt32LE(versionOffset), head.readInt32LE(versionOffset + 4)];
  const size = Number(head.readBigUInt64LE(0));
  const version = `${major}.${minor}`;
  const refuse = (reason: string): E.Either<PjrtError, never> =>
    E.left({ _tag: 'VersionMismatch', path, version, reason });
  if (major !== 0) return refuse('this program speaks version 0');
  const entries = (size - tableStart) / 8;
  if (minor < oldestMinor || entries < requiredEntries) {
    return refuse(`it has ${entries} functions; this program needs ${requiredEntries}, as version 0.${oldestMinor} has`);
  }
  return E.right(new Library(path, version, new BigUint64Array(koffi.view(api + BigInt(tableStart), size - tableStart))));
};

/**
 * Loads a plugin, once per process.
 *
 * @param preload - libraries that it needs, loaded before it in this order.
 * @errors `LoadFailed` for a file that is no library or no plugin, `VersionMismatch` for another API.
 */
export const loadLibrary = (path: string, preload: readonly string[]): E.Either<PjrtError, Library> => {
  const known = loaded.get(path);
  if (known !== undefined) return E.right(known);
  const opened = E.tryCatch(
    (): Address => {
      for (const needed of preload) keepLoaded(needed);
      const library = koffi.load(path);
      keepLoaded(path);
      return library.func('void *GetPjrtApi()')() as Address;
    },
    (cause): PjrtError => ({ _tag: 'LoadFailed', path, reason: messageOf(cause) }),
  );
  if (E.isLeft(opened)) return opened;
  const library = handshake(path, opened.right);
  if (E.isLeft(library)) return library;
  const initialized = library.right.call('Plugin_Initialize', {});
  if (E.isLeft(initialized)) return initialized;
  loaded.set(path, library.right);
  return library;
};
