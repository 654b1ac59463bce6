import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { settleMemory } from './native/allocator.js';
import type { CompileCache } from './native/cache.js';
import type { Client } from './native/client.js';
import type { PjrtError } from './native/error.js';
import type { LoadedExecutable } from './native/executable.js';
import { tooLarge } from './native/fit.js';

/** A module and what it is compiled for. */
export type Compilation = {
  readonly module: string;
  /** As PJRT takes them. */
  readonly options: Uint8Array;
  /** Plugin, its version, device and processor, in words: a cached executable is good for these alone. */
  readonly target: readonly string[];
  /** Bytes that a device can hold; `undefined` where nobody knows. */
  readonly available: number | undefined;
};

/** A loaded program that a device can hold; one that it cannot is given back. */
const fitting = (loaded: LoadedExecutable, available: number | undefined): E.Either<PjrtError, LoadedExecutable> => {
  const need = loaded.memory();
  const refusal = need === undefined || available === undefined ? undefined : tooLarge(need, available);
  if (refusal === undefined) return E.right(loaded);
  loaded.destroy();
  return E.left(refusal);
};

const compiled = async (
  client: Client,
  cache: CompileCache,
  compilation: Compilation,
): Promise<E.Either<PjrtError, LoadedExecutable>> => {
  const fresh = await client.compile(compilation.module, compilation.options)();
  if (E.isLeft(fresh)) return fresh;
  const serialized = fresh.right.serialize();
  if (E.isRight(serialized)) await cache.write(compilation, serialized.right);
  return fresh;
};

/**
 * The executable of a module: from the cache, else compiled and stored there. An entry that the plugin refuses is replaced.
 *
 * @errors `CallFailed` in the compiler's words; `TooLarge`, before anything runs.
 */
export const loadOrCompile =
  (client: Client, cache: CompileCache, compilation: Compilation): TE.TaskEither<PjrtError, LoadedExecutable> =>
  async () => {
    const stored = await cache.read(compilation);
    const known = stored === undefined ? undefined : await client.deserialize(stored)();
    const loaded = known !== undefined && E.isRight(known) ? known : await compiled(client, cache, compilation);
    settleMemory();
    return E.flatMap((executable: LoadedExecutable) => fitting(executable, compilation.available))(loaded);
  };
