import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { PjrtError } from './error.js';
import { awaitEvents } from './event.js';
import { type CompiledMemory, showNeed } from './fit.js';
import { layouts } from './layouts.js';
import { bytesAt, callDeleter, type Library } from './library.js';
import { type Address, Struct, stableBytes, stablePointers, stableWords } from './struct.js';

/** A run of an executable: one list of buffers per device. */
export type Launch = {
  readonly arguments: ReadonlyArray<readonly Address[]>;
  readonly numOutputs: number;
  /** Arguments that must outlive the run, by position. */
  readonly kept: readonly number[];
};

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
    return async () => {
      const numArgs = lists[0]?.length ?? 0;
      const outputs = lists.map(() => stableBytes(8 * numOutputs));
      const events = stableBytes(8 * lists.length);
      const options = new Struct(layouts.ExecuteOptions, {
        non_donatable_input_indices: stableWords(kept),
        num_non_donatable_input_indices: kept.length,
      });
      const called = this.#library.call('LoadedExecutable_Execute', {
        executable: this.#address,
        options: options.bytes,
        argument_lists: stablePointers(lists.map(stableWords)),
        num_devices: lists.length,
        num_args: numArgs,
        output_lists: stablePointers(outputs),
        device_complete_events: events,
      });
      if (E.isLeft(called)) return E.left(this.#explained(called.left));
      const results = outputs.map((bytes) => words(bytes, numOutputs));
      const ended = await awaitEvents(this.#library, words(events, lists.length))();
      if (E.isRight(ended)) return E.right(results);
      destroyBuffers(this.#library, results.flat());
      return E.left(this.#explained(ended.left));
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

  /** Where memory was short, the plugin names the piece that did not fit: the whole says more. */
  #explained(error: PjrtError): PjrtError {
    if (error._tag !== 'CallFailed' || error.code !== 'RESOURCE_EXHAUSTED') return error;
    const need = this.memory();
    return need === undefined ? error : { ...error, message: `${error.message} (${showNeed(need)})` };
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

/** Gives buffers back to their devices. What the runtime still does with them it ends first. */
export const destroyBuffers = (library: Library, buffers: readonly Address[]): void => {
  for (const buffer of buffers) library.call('Buffer_Destroy', { buffer });
};
