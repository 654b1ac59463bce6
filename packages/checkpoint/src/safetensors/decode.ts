import * as E from 'fp-ts/lib/Either.js';
import type { SafetensorsError } from './error.js';
import { fileLayout, headerLength, lengthBytes } from './file-layout.js';
import type { Safetensors, SafetensorsTensor } from './tensor.js';

/**
 * Tensors of a safetensors file as views into its bytes: nothing is copied, and nothing is allocated by a size that the file
 * only claims.
 *
 * @param bytes - the whole file.
 * @errors `HeaderTruncated`, `HeaderTooLarge`, `HeaderNotJson`, `DuplicateKey`, `BadName`, `BadEntry`, `UnknownDType`,
 * `SizeMismatch`, `BadOffsets`.
 * @law never throws; `decodeSafetensors(encodeSafetensors(x)) = x`.
 */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<SafetensorsError, Safetensors> => {
  const length = headerLength(bytes, bytes.byteLength);
  if (E.isLeft(length)) return length;
  const layout = fileLayout(bytes.subarray(lengthBytes, lengthBytes + length.right), bytes.byteLength);
  if (E.isLeft(layout)) return layout;
  const { entries, metadata, dataStart } = layout.right;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: bytes.subarray(dataStart + begin, dataStart + end) });
  }
  return E.right({ tensors, metadata });
};
