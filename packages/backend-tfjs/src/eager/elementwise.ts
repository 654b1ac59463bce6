import type { Direction } from '@torsor/tensor';
import type { BinaryName, Kernels, UnaryName } from '../kernels.js';
import { repeatingStrides, rowsOf } from '../loops/elements.js';
import { binaryFunction, comparisons } from '../loops/functions.js';
import { mapTwo } from '../loops/map.js';
import { unionHeld } from '../plan/value.js';
import type { EagerContext, EagerTensor } from './context.js';

const unaryOps: { readonly [N in UnaryName]: string } = {
  abs: 'Abs',
  ceil: 'Ceil',
  cos: 'Cos',
  exp: 'Exp',
  expm1: 'Expm1',
  floor: 'Floor',
  is_finite: 'IsFinite',
  log: 'Log',
  log1p: 'Log1p',
  logistic: 'Sigmoid',
  neg: 'Neg',
  not: 'LogicalNot',
  round_nearest_even: 'Rint',
  rsqrt: 'Rsqrt',
  sign: 'Sign',
  sin: 'Sin',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
};

const binaryOps: { readonly [N in BinaryName]: string } = {
  add: 'AddV2',
  and: 'LogicalAnd',
  div: 'RealDiv',
  maximum: 'Maximum',
  minimum: 'Minimum',
  mul: 'Mul',
  or: 'LogicalOr',
  pow: 'Pow',
  rem: 'TruncateMod',
  sub: 'Sub',
};

const compareOps: { readonly [D in Direction]: string } = {
  EQ: 'Equal',
  NE: 'NotEqual',
  LT: 'Less',
  LE: 'LessEqual',
  GT: 'Greater',
  GE: 'GreaterEqual',
};

type TwoNumbers = (a: number, b: number) => number;

/** On the host: what TensorFlow has not, or has with another meaning, and is rare. */
const onHost = (
  context: EagerContext,
  x: EagerTensor,
  y: EagerTensor,
  dtype: 'i32' | 'bool',
  f: TwoNumbers,
): EagerTensor => {
  const shape = unionHeld([x.shape, y.shape]);
  const rows = rowsOf(shape, [repeatingStrides(x.shape), repeatingStrides(y.shape)]);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const out = dtype === 'i32' ? new Int32Array(size) : new Uint8Array(size);
  mapTwo(out, context.download(x), context.download(y), rows, f);
  return context.upload(dtype, shape, out);
};

const binary = (context: EagerContext, name: BinaryName, x: EagerTensor, y: EagerTensor): EagerTensor => {
  if (x.dtype === 'bool') return context.run(binaryOps[name], [], [x.id, y.id], 'bool');
  const type = [context.type('T', x.dtype)];
  if (x.dtype === 'f32') return context.run(binaryOps[name], type, [x.id, y.id], 'f32');
  // TensorFlow stops the process's operation at an integer division by zero; the language gives −1 and x
  if (name === 'div' || name === 'rem') return onHost(context, x, y, 'i32', binaryFunction(name, 'i32'));
  if (name === 'and') return context.run('BitwiseAnd', type, [x.id, y.id], 'i32');
  if (name === 'or') return context.run('BitwiseOr', type, [x.id, y.id], 'i32');
  return context.run(binaryOps[name], type, [x.id, y.id], 'i32');
};

const unary = (context: EagerContext, name: UnaryName, x: EagerTensor): EagerTensor => {
  if (x.dtype === 'bool') return context.run('LogicalNot', [], [x.id], 'bool');
  if (name === 'not') return context.run('Invert', [context.type('T', x.dtype)], [x.id], x.dtype);
  return context.run(unaryOps[name], [context.type('T', x.dtype)], [x.id], name === 'is_finite' ? 'bool' : x.dtype);
};

const compare = (context: EagerContext, direction: Direction, x: EagerTensor, y: EagerTensor): EagerTensor => {
  const ordering = direction !== 'EQ' && direction !== 'NE';
  if (ordering && x.dtype === 'bool') return onHost(context, x, y, 'bool', comparisons[direction]);
  return context.run(compareOps[direction], [context.type('T', x.dtype)], [x.id, y.id], 'bool');
};

const least = -(2 ** 31);
/** The greatest f32 below 2³¹. */
const greatestInt = 2147483520;

const toInteger = (context: EagerContext, x: EagerTensor): EagerTensor => {
  const type = [context.type('T', 'f32')];
  const held: EagerTensor[] = [];
  const keep = (tensor: EagerTensor): EagerTensor => {
    held.push(tensor);
    return tensor;
  };
  const number = (value: number): EagerTensor => keep(context.upload('f32', [], Float32Array.of(value)));
  const isNumber = keep(context.run('Equal', type, [x.id, x.id], 'bool'));
  const real = keep(context.run('SelectV2', type, [isNumber.id, x.id, number(0).id], 'f32'));
  const above = keep(context.run('Maximum', type, [real.id, number(least).id], 'f32'));
  const within = keep(context.run('Minimum', type, [above.id, number(greatestInt).id], 'f32'));
  const cast = keep(
    context.run('Cast', [context.type('SrcT', 'f32'), context.type('DstT', 'i32')], [within.id], 'i32'),
  );
  const tooLarge = keep(context.run('Greater', type, [real.id, number(greatestInt).id], 'bool'));
  const largest = keep(context.upload('i32', [], Int32Array.of(2 ** 31 - 1)));
  const result = context.run('SelectV2', [context.type('T', 'i32')], [tooLarge.id, largest.id, cast.id], 'i32');
  for (const tensor of held) context.free(tensor);
  return result;
};

/** Elementwise kernels as TensorFlow's operations. */
export const eagerElementwise = (
  context: EagerContext,
): Pick<Kernels<EagerTensor>, 'unary' | 'binary' | 'compare' | 'select' | 'convert'> => {
  return {
    unary: (name, x) => unary(context, name, x),
    binary: (name, x, y) => binary(context, name, x, y),
    compare: (direction, x, y) => compare(context, direction, x, y),
    select: (p, x, y) => context.run('SelectV2', [context.type('T', x.dtype)], [p.id, x.id, y.id], x.dtype),
    convert: (x, dtype) => {
      if (x.dtype === 'f32' && dtype === 'i32') return toInteger(context, x);
      return context.run('Cast', [context.type('SrcT', x.dtype), context.type('DstT', dtype)], [x.id], dtype);
    },
  };
};
