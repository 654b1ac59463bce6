import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PjrtError } from './error.js';
import { awaitEvents } from './event.js';
import { layouts } from './layouts.js';
import { type Address, addressOf, bytesAt, callDeleter, type Library } from './library.js';
import { stableBytes, stableWords, Struct } from './struct.js';

/** Memory that an executable needs, in bytes, on one device. */
export interface CompiledMemory {
  readonly arguments: number;
  readonly outputs: number;
  /** Outputs that take the place of donated arguments. */
  readonly aliased: number;
  readonly temporary: number;
  readonly code: number;
}

/** A run of an executable: one list of buffers per device. */
export interface Launch {
  readonly arguments: ReadonlyArray<readonly Address[]>;
  readonly numOutputs: number;
  /** Arguments that must outlive the run, by position. */
  readonly kept: readonly number[];
}

/** A compiled program on its devices. */
export class LoadedExecutable {
  readonly #library: Library;
  readonly #address: Address;

  constructor(library: Library, address: Address) {
    this.#library = library;
    this.#address = address;
  }

  /**
   * Runs the program and waits for it, off Node's thread.
   *
   * @returns the outputs, one list per device; the caller owns them.
   * @errors `CallFailed`, when it was not started or did not end well; no output is left behind then.
   */
  execute({ arguments: lists, numOutputs, kept }: Launch): TE.TaskEither<PjrtError, ReadonlyArray<readonly Address[]>> {
    return () => {
      const numArgs = lists[0]?.length ?? 0;
      const args = lists.map(stableWords);
      const outputs = lists.map(() => stableBytes(8 * numOutputs));
      const events = stableBytes(8 * lists.length);
      const argLists = stableWords(args.map(addressOf));
      const outputLists = stableWords(outputs.map(addressOf));
      const keep = stableWords(kept);
      const options = new Struct(layouts.ExecuteOptions, {
        non_donatable_input_indices: addressOf(keep),
        num_non_donatable_input_indices: kept.length,
      });
      const called = this.#library.call('LoadedExecutable_Execute', {
        executable: this.#address,
        options: addressOf(options.bytes),
        argument_lists: addressOf(argLists),
        num_devices: lists.length,
        num_args: numArgs,
        output_lists: addressOf(outputLists),
        device_complete_events: addressOf(events),
      });
      if (E.isLeft(called)) return Promise.resolve(called);
      const results = outputs.map((bytes) => words(bytes, numOutputs));
      return pipe(
        awaitEvents(this.#library, words(events, lists.length)),
        TE.map(() => results),
        TE.mapLeft((error) => {
          for (const buffer of results.flat()) destroyBuffer(this.#library, buffer);
          return error;
        }),
      )();
    };
  }

  /** The memory that a run needs; `undefined` where the plugin does not say. */
  memory(): CompiledMemory | undefined {
    const stats = this.#withExecutable((executable) =>
      this.#library.call('Executable_GetCompiledMemoryStats', { executable }),
    );
    if (E.isLeft(stats)) return undefined;
    const read = stats.right;
    return {
      arguments: read.number('argument_size_in_bytes'),
      outputs: read.number('output_size_in_bytes'),
      aliased: read.number('alias_size_in_bytes'),
      temporary: read.number('temp_size_in_bytes'),
      code: read.number('generated_code_size_in_bytes'),
    };
  }

  /** The compiled code as bytes that the same plugin can load again. @errors `CallFailed` where it cannot. */
  serialize(): E.Either<PjrtError, Uint8Array> {
    return this.#withExecutable((executable) =>
      pipe(
        this.#library.call('Executable_Serialize', { executable }),
        E.map((answer) => {
          const bytes = bytesAt(answer.read('serialized_bytes'), answer.number('serialized_bytes_size')).slice();
          callDeleter(answer.read('serialized_executable_deleter'), answer.read('serialized_executable'));
          return bytes;
        }),
      ),
    );
  }

  /** Gives the code back. */
  destroy(): void {
    this.#library.call('LoadedExecutable_Destroy', { executable: this.#address });
  }

  #withExecutable<A>(use: (executable: Address) => E.Either<PjrtError, A>): E.Either<PjrtError, A> {
    const answer = this.#library.call('LoadedExecutable_GetExecutable', { loaded_executable: this.#address });
    if (E.isLeft(answer)) return answer;
    const executable = answer.right.read('executable');
    const result = use(executable);
    this.#library.call('Executable_Destroy', { executable });
    return result;
  }
}

const words = (bytes: Buffer, count: number): readonly Address[] =>
  Array.from({ length: count }, (_, i) => bytes.readBigUInt64LE(8 * i));

/** Gives a buffer back to its device. */
export const destroyBuffer = (library: Library, buffer: Address): void => {
  library.call('Buffer_Destroy', { buffer });
};
