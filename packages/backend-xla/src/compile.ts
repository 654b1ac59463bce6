import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CompileCache } from './native/cache.js';
import type { Client } from './native/client.js';
import type { PjrtError } from './native/error.js';
import type { LoadedExecutable } from './native/executable.js';

/** A module and what it is compiled for. */
export interface Compilation {
  readonly module: string;
  /** As PJRT takes them. */
  readonly options: Uint8Array;
  /** Plugin, its version, device and processor, in words: a cached executable is good for these alone. */
  readonly target: readonly string[];
}

/**
 * The executable of a module: from the cache, else compiled and stored there. An entry that the plugin refuses is replaced.
 *
 * @errors `CallFailed` in the compiler's words.
 */
export const loadOrCompile =
  (client: Client, cache: CompileCache, compilation: Compilation): TE.TaskEither<PjrtError, LoadedExecutable> =>
  async () => {
    const stored = await cache.read(compilation);
    if (stored !== undefined) {
      const loaded = await client.deserialize(stored)();
      if (E.isRight(loaded)) return loaded;
    }
    const compiled = await client.compile(compilation.module, compilation.options)();
    if (E.isLeft(compiled)) return compiled;
    const serialized = compiled.right.serialize();
    if (E.isRight(serialized)) await cache.write(compilation, serialized.right);
    return compiled;
  };
