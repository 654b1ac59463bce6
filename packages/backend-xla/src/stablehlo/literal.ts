import { type DType, fromFloat64, isFloat, roundTo, type Shape, sizeOf, TensorType } from '@torsor/tensor';

/** Constants of more elements than this are written as one string of hexadecimal digits. */
const mostListed = 32;

/** Numbers below these are subnormal. */
const leastNormal: { readonly [D in DType]: number } = {
  f32: 2 ** -126,
  bf16: 2 ** -126,
  f16: 2 ** -14,
  f64: 2 ** -1022,
  i32: 0,
  u32: 0,
  bool: 0,
};

/** Bytes per element; a bool has no byte form that every MLIR reads alike, and is always listed. */
const widths: { readonly [D in DType]: number } = { f32: 4, bf16: 2, f16: 2, f64: 8, i32: 4, u32: 4, bool: 0 };

const hexDigits: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** The bytes of an element, the least significant first. */
const bytesOf = (dtype: DType): ((value: number) => readonly string[]) => {
  const view = new DataView(new ArrayBuffer(8));
  const type = new TensorType(dtype, [1]);
  const width = widths[dtype];
  const write: { readonly [D in DType]: (value: number) => void } = {
    f32: (value) => view.setFloat32(0, value, true),
    f64: (value) => view.setFloat64(0, value, true),
    bf16: (value) => view.setUint16(0, fromFloat64(type, [value]).data[0] ?? 0, true),
    f16: (value) => view.setUint16(0, fromFloat64(type, [value]).data[0] ?? 0, true),
    i32: (value) => view.setInt32(0, value, true),
    u32: (value) => view.setUint32(0, value, true),
    bool: () => undefined,
  };
  return (value) => {
    write[dtype](value);
    return Array.from({ length: width }, (_, i) => hexDigits[view.getUint8(i)] ?? '');
  };
};

const decimal = (value: number): string => {
  const text = String(value);
  if (text.includes('.')) return text;
  const [mantissa = '', exponent] = text.split('e');
  return exponent === undefined ? `${mantissa}.0` : `${mantissa}.0e${exponent}`;
};

/** One element: decimal where that is exact and clear, else the bits of the number in hexadecimal. */
const elementText = (dtype: DType): ((value: number) => string) => {
  if (dtype === 'bool') return (value) => (value === 0 ? 'false' : 'true');
  if (!isFloat(dtype)) return String;
  const bytes = bytesOf(dtype);
  return (value) => {
    const rounded = roundTo(dtype, value);
    const magnitude = Math.abs(rounded);
    const clear = Object.is(rounded, 0) || (magnitude >= leastNormal[dtype] && magnitude < Number.POSITIVE_INFINITY);
    return clear ? decimal(rounded) : `0x${[...bytes(rounded)].reverse().join('')}`;
  };
};

/** The elements of each row in brackets, then the rows of each matrix, and so on outward. */
const nested = (shape: Shape, elements: readonly string[]): string =>
  shape.reduceRight<readonly string[]>((inner, extent) => {
    const groups: string[] = [];
    for (let i = 0; i < inner.length; i += extent) groups.push(`[${inner.slice(i, i + extent).join(', ')}]`);
    return groups;
  }, elements)[0] ?? '';

/**
 * The elements of a constant as MLIR writes them in `dense<…>`: a scalar for one number (which fills the shape), nested
 * lists for a few, a string of hexadecimal bytes for many.
 *
 * @law reading the text gives the bits of every element rounded to the dtype.
 */
export const literalText = ({ dtype, shape }: TensorType, values: readonly number[]): string => {
  if (sizeOf(shape) === 0) return '';
  const [first = 0] = values;
  if (values.length === 1) return elementText(dtype)(first);
  if (values.length > mostListed && dtype !== 'bool') {
    const bytes = bytesOf(dtype);
    return `"0x${values.map((value) => bytes(value).join('')).join('')}"`;
  }
  return nested(shape, values.map(elementText(dtype)));
};
