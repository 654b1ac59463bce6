import type { BackendError } from '@torsor/backend';
import { assemble, localType, type Mesh, type PartitionSpec, type ShardingError, shardOf } from '@torsor/sharding';
import type { HostArray, TensorType, TensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { download, upload } from './native/buffer.js';
import type { Client, Device } from './native/client.js';
import { type PjrtError, showPjrtError } from './native/error.js';
import { destroyBuffers } from './native/executable.js';
import type { Address } from './native/struct.js';

/** The devices of a backend and how they are arranged. */
export type Devices = {
  readonly name: string;
  readonly client: Client;
  readonly devices: readonly Device[];
  /** `null` on one device. */
  readonly mesh: Mesh | null;
};

type Task<A> = TE.TaskEither<BackendError, A>;

/** A failure of the runtime in a backend's words. */
export const runtimeFailure =
  (backend: string, during: string) =>
  (error: PjrtError): BackendError => ({ _tag: 'RuntimeFailure', backend, during, message: showPjrtError(error) });

const badSharding =
  (backend: string) =>
  (error: ShardingError): BackendError => ({ _tag: 'BadSharding', backend, error });

const isSplit = (spec: PartitionSpec): boolean => spec.some((axes) => axes.length > 0);

/** What each device is to hold of a tensor: its type, and the data device by device. */
type Parts = {
  readonly type: TensorType;
  readonly data: readonly HostArray[];
};

const partsOf = (
  { mesh, devices }: Devices,
  spec: PartitionSpec,
  { type, data }: TensorValue,
): E.Either<ShardingError, Parts> => {
  if (mesh === null || !isSplit(spec)) return E.right({ type, data: devices.map(() => data) });
  return pipe(
    E.Do,
    E.bind('type', () => localType(mesh, spec, type)),
    E.bind('data', () => E.traverseArray((i: number) => shardOf(mesh, spec, type, data, i))([...devices.keys()])),
  );
};

const uploadAll =
  ({ name, client, devices }: Devices, { type, data }: Parts): Task<readonly Address[]> =>
  async () => {
    const shards: Address[] = [];
    for (const [i, device] of devices.entries()) {
      const part = data[i];
      if (part === undefined) continue;
      const shard = await upload(client, device, type, part)();
      if (E.isLeft(shard)) {
        // What the other devices have taken already belongs to nobody.
        destroyBuffers(client.library, shards);
        return E.left(runtimeFailure(name, 'put')(shard.left));
      }
      shards.push(shard.right);
    }
    return E.right(shards);
  };

/**
 * Copies a value to the devices, each its part.
 *
 * @returns a shard per device, in the mesh's order.
 * @errors `BadSharding`, `RuntimeFailure`; nothing is left on a device then.
 */
export const scatterValue = (on: Devices, value: TensorValue, spec: PartitionSpec): Task<readonly Address[]> =>
  pipe(
    TE.fromIOEither(() => E.mapLeft(badSharding(on.name))(partsOf(on, spec, value))),
    TE.flatMap((parts) => uploadAll(on, parts)),
  );

const wholeOf = (
  mesh: Mesh | null,
  spec: PartitionSpec,
  type: TensorType,
  parts: readonly HostArray[],
): E.Either<ShardingError, HostArray> => {
  const [first] = parts;
  if (mesh !== null && isSplit(spec)) return assemble(mesh, spec, type, parts);
  return first === undefined ? E.left({ _tag: 'WrongShardCount', expected: 1, got: 0 }) : E.right(first);
};

/** Copies a tensor to the host; the copies begin at once. @errors `RuntimeFailure`. */
export const gatherValue =
  (
    { name, client, mesh }: Devices,
    type: TensorType,
    spec: PartitionSpec,
    shards: readonly Address[],
  ): Task<HostArray> =>
  async () => {
    const split = mesh !== null && isSplit(spec);
    const local = split ? E.mapLeft(badSharding(name))(localType(mesh, spec, type)) : E.right(type);
    if (E.isLeft(local)) return local;
    const needed = split ? shards : shards.slice(0, 1);
    const copies = await Promise.all(needed.map((shard) => download(client.library, shard, local.right)()));
    return pipe(
      E.sequenceArray(copies),
      E.mapLeft(runtimeFailure(name, 'get')),
      E.flatMap((parts) => E.mapLeft(badSharding(name))(wholeOf(mesh, spec, type, parts))),
    );
  };
