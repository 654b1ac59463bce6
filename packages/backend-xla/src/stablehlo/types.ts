import type { DType, Shape, TensorType } from '@torsor/tensor';

const elements: { readonly [D in DType]: string } = {
  f32: 'f32',
  bf16: 'bf16',
  f16: 'f16',
  f64: 'f64',
  i32: 'i32',
  u32: 'ui32',
  bool: 'i1',
};

const extentsText = (shape: Shape): string => (shape.length === 0 ? '' : `${shape.join('x')}x`);

/** A type as MLIR writes it: `tensor<2x3xf32>`; a scalar is `tensor<f32>`, a bool `i1`, u32 `ui32`. */
export const typeText = ({ dtype, shape }: TensorType): string => `tensor<${extentsText(shape)}${elements[dtype]}>`;

/** Types one after another. */
export const typeList = (types: readonly TensorType[]): string => types.map(typeText).join(', ');

/** A list of numbers in brackets: `[0, 2]`. */
export const list = (numbers: readonly number[]): string => `[${numbers.join(', ')}]`;

const escaped = (character: string): string => {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.charCodeAt(0);
  return code < 0x80 ? `\\${code.toString(16).padStart(2, '0')}` : encodeURIComponent(character).replaceAll('%', '\\');
};

/** A string of MLIR: quotes and backslashes escaped, and what is not printable ASCII as `\xx` for each UTF-8 byte. */
export const quoted = (text: string): string =>
  `"${text.replace(/[\ud800-\udfff]/gu, '\ufffd').replace(/["\\]|[^ -~]/gu, escaped)}"`;
