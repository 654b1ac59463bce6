import * as E from 'fp-ts/lib/Either.js';
import { declareFile } from './declared.js';
import type { SafetensorsError } from './error.js';
import type { Safetensors } from './tensor.js';
import { zeroArray } from './views.js';

/**
 * The bytes of a safetensors file, laid out as the official writer does: tensors from the widest dtype to the narrowest and by
 * name within one, header padded with spaces to a multiple of 8 bytes, so that every tensor is aligned to its item size.
 *
 * @errors `BadName` (empty, `__metadata__`, half of a surrogate pair), `BadEntry` (shape or metadata), `SizeMismatch`, `TooLarge`
 * (a file above 4.29 GB on Node 20: `saveCheckpoint` writes those).
 * @law the order in which tensors were inserted changes no byte.
 */
export const encodeSafetensors = (content: Safetensors): E.Either<SafetensorsError, Uint8Array> => {
  const declared = declareFile(
    [...content.tensors].map(([name, tensor]) => ({ name, ...tensor })),
    content.metadata,
  );
  if (E.isLeft(declared)) return declared;
  const { header, tensors } = declared.right;
  const wrong = tensors.find(({ bytes, data }) => bytes !== data.byteLength);
  if (wrong !== undefined) {
    const { name, bytes, data } = wrong;
    return E.left({ _tag: 'SizeMismatch', name, expected: bytes, actual: data.byteLength });
  }
  const size = tensors.reduce((sum, { bytes }) => sum + bytes, header.byteLength);
  const whole = zeroArray('the file', 'U8', size);
  if (E.isLeft(whole)) return whole;
  const file = new Uint8Array(whole.right.buffer);
  file.set(header);
  let offset = header.byteLength;
  for (const { data } of tensors) {
    file.set(data, offset);
    offset += data.byteLength;
  }
  return E.right(file);
};
