import { type BackendError, Buffer } from '@torsor/backend';
import type { TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { DeviceTensor } from './kernels.js';

/** A tensor on a tfjs device; `held` is undefined once it was released or donated. */
export class TfjsBuffer<T extends DeviceTensor> extends Buffer {
  held: T | undefined;

  constructor(backend: string, type: TensorType, held: T) {
    super(backend, type);
    this.held = held;
  }
}

/** The buffers that one backend has given out. */
export class BufferStore<T extends DeviceTensor> {
  readonly #backend: string;
  readonly #alive = new Set<TfjsBuffer<T>>();

  constructor(backend: string) {
    this.#backend = backend;
  }

  /** How many are alive. */
  get size(): number {
    return this.#alive.size;
  }

  /** Gives a tensor out. */
  add(type: TensorType, held: T): TfjsBuffer<T> {
    const buffer = new TfjsBuffer(this.#backend, type, held);
    this.#alive.add(buffer);
    return buffer;
  }

  /** The buffer if this backend made it and it is alive. */
  own(buffer: Buffer): E.Either<BackendError, TfjsBuffer<T>> {
    if (this.#isAlive(buffer)) return E.right(buffer);
    return buffer instanceof TfjsBuffer && buffer.backend === this.#backend && buffer.held === undefined
      ? E.left({ _tag: 'ReleasedBuffer', backend: this.#backend, type: buffer.type })
      : E.left({ _tag: 'Foreign', backend: this.#backend, what: 'a buffer' });
  }

  /** Takes a buffer back; its tensor is the caller's again. */
  remove(buffer: TfjsBuffer<T>): T | undefined {
    const { held } = buffer;
    buffer.held = undefined;
    this.#alive.delete(buffer);
    return held;
  }

  /** Membership says what the buffer holds: no other store's buffer is in the set. */
  #isAlive(buffer: Buffer): buffer is TfjsBuffer<T> {
    const alive: ReadonlySet<Buffer> = this.#alive;
    return alive.has(buffer);
  }
}
