import { isMainThread } from 'node:worker_threads';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import koffi from 'koffi';
import { codeName, type PjrtError } from './error.js';
import { type FunctionTable, handshake } from './handshake.js';
import { type Call, layouts, positions } from './layouts.js';
import { type Address, type FieldValues, Struct } from './struct.js';

/** What a call filled in. */
export type Answer<C extends Call> = Struct<(typeof layouts)[C] extends { fields: infer F } ? FieldsOf<F> : never>;

type FieldsOf<F> = { readonly [K in keyof F]: 'pointer' };

// XLA's compiler recurses deeper than koffi's own stacks allow for.
const stackSize = 16 * 2 ** 20;
koffi.config({ ...koffi.config(), sync_stack_size: stackSize, async_stack_size: stackSize });

const callType = koffi.proto('void *torsor_pjrt_call(void *args)');
const deleterType = koffi.proto('void torsor_pjrt_deleter(void *object)');

/** Bytes at an address, not copied: they are the plugin's. */
export const bytesAt = (address: Address, size: number): Uint8Array =>
  size === 0 ? new Uint8Array() : new Uint8Array(koffi.view(address, size));

/** Text at an address. */
export const textAt = (address: Address, size: number): string => Buffer.from(bytesAt(address, size)).toString('utf8');

/** Calls a plugin's deleter of an object. */
export const callDeleter = (deleter: Address, object: Address): void => {
  koffi.call(deleter, deleterType, object);
};

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : JSON.stringify(cause));

/** A loaded plugin: its function table. It stays loaded until the process ends. */
export class Library {
  readonly path: string;
  /** `0.115`, of the C API. */
  readonly version: string;
  readonly #table: BigUint64Array;

  constructor(path: string, { version, entries }: FunctionTable) {
    this.path = path;
    this.version = version;
    this.#table = entries;
  }

  /** Makes a call. @errors `CallFailed`. */
  call<C extends Call>(
    call: C,
    values: FieldValues<FieldsOf<(typeof layouts)[C]['fields']>>,
  ): E.Either<PjrtError, Answer<C>> {
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
              : E.left({ _tag: 'CallFailed', call, code: 'UNKNOWN', message: messageOf(failure) }),
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

/** Loads a library for good: unloading a plugin whose threads are alive at exit would crash the process. */
const keepLoaded = (path: string): void => {
  const [lazy, global, noDelete] = [1, 0x100, 0x1000];
  const dlopen = koffi.load(null).func('void *dlopen(const char *path, int flags)');
  dlopen(path, lazy | noDelete | (path.includes('nvidia') ? global : 0));
};

/** Plugins by the address of their function table: one file may have several names. */
const loaded = new Map<Address, Library>();

const verbosity = 'TF_CPP_MIN_LOG_LEVEL';

/** XLA warns of its own affairs on standard error, over a progress bar; errors it still says. A level that is set stays. */
const withErrorsOnly = <A>(load: () => A): A => {
  if (process.env[verbosity] !== undefined) return load();
  process.env[verbosity] = '2';
  try {
    return load();
  } finally {
    delete process.env[verbosity];
  }
};

const functionTable = (path: string, preload: readonly string[]): E.Either<PjrtError, Address> =>
  E.tryCatch(
    (): Address => {
      for (const needed of preload) keepLoaded(needed);
      const library = koffi.load(path);
      keepLoaded(path);
      // A function without a declared type answers with `unknown`.
      return library.func('void *GetPjrtApi()')() as Address;
    },
    (cause) => ({ _tag: 'LoadFailed', path, reason: messageOf(cause) }),
  );

const initialize = (path: string, api: Address): E.Either<PjrtError, Library> => {
  const known = loaded.get(api);
  if (known !== undefined) return E.right(known);
  const shaken = handshake(path, api);
  if (E.isLeft(shaken)) return shaken;
  const library = new Library(path, shaken.right);
  const initialized = library.call('Plugin_Initialize', {});
  if (E.isLeft(initialized)) return initialized;
  loaded.set(api, library);
  return E.right(library);
};

/**
 * Loads a plugin, once per process.
 *
 * @param preload - libraries that it needs, loaded before it in this order.
 * @errors `LoadFailed` for a file that is no library or no plugin, and on any thread but the main one: a second thread would
 * make a second client, whose memory the first one knows nothing of. `VersionMismatch` for another API.
 */
export const loadLibrary = (path: string, preload: readonly string[]): E.Either<PjrtError, Library> =>
  isMainThread
    ? withErrorsOnly(() => E.flatMap((api: Address) => initialize(path, api))(functionTable(path, preload)))
    : E.left({ _tag: 'LoadFailed', path, reason: 'a plugin works on the main thread alone; open it there' });
