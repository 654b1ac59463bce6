import { type BackendError, Buffer } from '@torsor/backend';
import type { PartitionSpec } from '@torsor/sharding';
import type { TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { Address } from './native/struct.js';

/** A tensor on the devices: one shard per device of the mesh, in the mesh's order. */
export class XlaBuffer extends Buffer {
  readonly spec: PartitionSpec;
  /** `null` once it is released or donated. */
  shards: readonly Address[] | null;

  constructor(backend: string, type: TensorType, spec: PartitionSpec, shards: readonly Address[]) {
    super(backend, type);
    this.spec = spec;
    this.shards = shards;
  }
}

/** A buffer that still holds something. */
export type Held = {
  readonly buffer: XlaBuffer;
  readonly shards: readonly Address[];
};

/** The buffer as one of ours that is alive. @errors `Foreign`, `ReleasedBuffer`. */
export const heldBy = (backend: string, alive: ReadonlySet<Buffer>, buffer: Buffer): E.Either<BackendError, Held> => {
  if (!(buffer instanceof XlaBuffer) || buffer.backend !== backend) {
    return E.left({ _tag: 'Foreign', backend, what: 'a buffer' });
  }
  // Two openings of one plugin have one name, and their buffers lie in different clients.
  if (buffer.shards !== null && !alive.has(buffer)) return E.left({ _tag: 'Foreign', backend, what: 'a buffer' });
  return buffer.shards === null
    ? E.left({ _tag: 'ReleasedBuffer', backend, type: buffer.type })
    : E.right({ buffer, shards: buffer.shards });
};
