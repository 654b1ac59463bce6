import { type DType, type HostArray, hostArray, TensorValue, tensorType } from '@torsor/tensor';

/** Patterns of 32 bits: zeros, ones, subnormals, infinities, NaNs with payloads, both ends of the integers. */
const words: readonly number[] = [
  ...[0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0x7f800000, 0xff800000],
  ...[0x7fc00000, 0x7fc12345, 0xffc00001, 0x7fffffff, 0xffffffff, 0x12345678],
];

const bytesOf = (dtype: DType): Uint8Array => {
  if (dtype === 'bool') return Uint8Array.of(0, 1, 1, 0);
  if (dtype === 'bf16' || dtype === 'f16')
    return new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
  if (dtype === 'f64') return new Uint8Array(Uint32Array.from([...words, ...words.toReversed()]).buffer);
  return new Uint8Array(Uint32Array.from(words).buffer);
};

/** The bytes of an array. */
export const rawBytes = ({ buffer, byteOffset, byteLength }: HostArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A value of a dtype that holds every kind of bit pattern. */
export const everyBit = (dtype: DType): TensorValue => {
  const bytes = bytesOf(dtype);
  const data = hostArray(dtype, bytes.length / hostArray(dtype, 1).BYTES_PER_ELEMENT);
  rawBytes(data).set(bytes);
  return new TensorValue(tensorType(dtype, [data.length]), data);
};
