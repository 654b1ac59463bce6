import { type DType, type HostArray, hostArray, sizeOf, type TensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Client, Device } from './client.js';
import type { PjrtError } from './error.js';
import { awaitEvent } from './event.js';
import { destroyBuffers } from './executable.js';
import type { Library } from './library.js';
import { type Address, stableBytes, stableWords } from './struct.js';

/** The numbers of the element types. @source OpenXLA `xla/pjrt/c/pjrt_c_api.h` `PJRT_Buffer_Type` */
const bufferTypes: { readonly [D in DType]: number } = {
  bool: 1,
  i32: 4,
  u32: 8,
  f16: 10,
  f32: 11,
  f64: 12,
  bf16: 13,
};

/** The runtime reads the host's memory until it says that it has done so. */
const immutableUntilTransferCompletes = 1;

/**
 * Copies host memory to a device, off Node's thread.
 *
 * @param data - must not change until the task is done.
 * @errors `CallFailed`, for one when the device's memory is full.
 */
export const upload =
  (
    { library, address: client }: Client,
    device: Device,
    type: TensorType,
    data: HostArray,
  ): TE.TaskEither<PjrtError, Address> =>
  async () => {
    // A small array may lie inside the JavaScript heap, where it can move: asking for its buffer puts it outside. An empty
    // one has no address.
    const source = data.buffer.byteLength === 0 ? stableBytes(0) : data;
    const answer = library.call('Client_BufferFromHostBuffer', {
      client,
      data: source,
      type: bufferTypes[type.dtype],
      dims: stableWords(type.shape),
      num_dims: type.shape.length,
      host_buffer_semantics: immutableUntilTransferCompletes,
      device: device.address,
    });
    if (E.isLeft(answer)) return answer;
    const copied = await awaitEvent(library, answer.right.read('done_with_host_buffer'))();
    // Read from the answer, which must outlive the copy: it keeps the source alive.
    const buffer = answer.right.read('buffer');
    if (E.isLeft(copied)) destroyBuffers(library, [buffer]);
    return E.map(() => buffer)(copied);
  };

/** Copies a buffer to the host, off Node's thread; begins at once. @errors `CallFailed`. */
export const download =
  (library: Library, src: Address, type: TensorType): TE.TaskEither<PjrtError, HostArray> =>
  async () => {
    const data = hostArray(type.dtype, sizeOf(type.shape));
    // To the runtime a destination without an address is a question for the size.
    if (data.buffer.byteLength === 0) return E.right(data);
    const answer = library.call('Buffer_ToHostBuffer', { src, dst: data, dst_size: data.byteLength });
    if (E.isLeft(answer)) return answer;
    return E.map(() => data)(await awaitEvent(library, answer.right.read('event'))());
  };

/** Whether the runtime has given a buffer's memory away, as it does with a donated one. */
export const isDeleted = (library: Library, buffer: Address): boolean =>
  pipe(
    library.call('Buffer_IsDeleted', { buffer }),
    E.match(
      () => true,
      (answer) => answer.read('is_deleted') !== 0n,
    ),
  );
