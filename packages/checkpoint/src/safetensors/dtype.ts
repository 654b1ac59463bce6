/** Element type of a stored tensor, spelled as in the safetensors header. */
export type SafetensorsDType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'F8_E5M2'
  | 'F8_E4M3'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'F64'
  | 'I64'
  | 'U64';

// In the order of the official writer, which stores tensors from the last of these to the first.
const itemSizes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const satisfies { readonly [D in SafetensorsDType]: number };

const order: readonly string[] = Object.keys(itemSizes);

/** Bytes of one element. */
export const itemSize = (dtype: SafetensorsDType): number => itemSizes[dtype];

/** Whether a header's dtype string is one that this package stores. */
export const isDType = (dtype: string): dtype is SafetensorsDType => Object.hasOwn(itemSizes, dtype);

/** Place of a dtype in the official writer's order of growing alignment. */
export const alignmentRank = (dtype: SafetensorsDType): number => order.indexOf(dtype);
