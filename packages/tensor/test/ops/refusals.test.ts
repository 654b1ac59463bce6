import { afterEach, describe, expect, it } from 'vitest';
import { type AnyPrimitive, apply, applyAll, Graph, input, isValid } from '../../src/expr.js';
import {
  add,
  and,
  argmax,
  broadcastInDim,
  broadcastTo,
  concatenate,
  constant,
  convert,
  cumsum,
  type DType,
  dynamicSlice,
  dynamicUpdateSlice,
  type Expr,
  exp,
  gather,
  iota,
  literal,
  not,
  pad,
  primitives,
  reduceMax,
  reduceSum,
  refused,
  reshape,
  type Shape,
  scatterAdd,
  select,
  showShapeError,
  slice,
  stack,
  tensorType,
  transpose,
} from '../../src/index.js';
import { valid } from '../laws/evaluating.js';

const of = (dtype: DType, shape: Shape): Expr => constant(0, dtype, shape);
const x = of('f32', [2, 3]);
const i = of('i32', [2]);
const p = of('bool', [2, 3]);
const start = of('i32', []);

const withOperands = (name: keyof typeof primitives, params: unknown, ...operands: readonly Expr[]): Expr => {
  const results = applyAll(primitives[name] as AnyPrimitive, params, operands);
  return results._tag === 'Left' ? results.left : (results.right[0] ?? refused(name, [], 'no result'));
};

const half = input('h', tensorType('f32', [2]));
const body = new Graph([half], [half]);
const scanParams = { body, numConsts: 0, numCarry: 1, length: 2, reverse: false };

const refusals: ReadonlyArray<readonly [string, Expr]> = [
  ['exp(f32[2,3], f32[2,3]): expected 1 operands, got 2', withOperands('exp', {}, x, x)],
  ['exp(i32[2]): expected a floating-point type, got i32[2]', exp(i)],
  ['neg(bool[2,3]): expected a number type, got bool[2,3]', withOperands('neg', {}, p)],
  ['not(f32[2,3]): expected an integer type or bool, got f32[2,3]', not(x)],
  ['and(f32[2,3], f32[2,3]): expected an integer type or bool, got f32[2,3]', and(x, x)],
  ['add(f32[2,3], f64[2,3]): operands must have one type, got f32[2,3] and f64[2,3]', add(x, of('f64', [2, 3]))],
  ['add(f32[2,3], i32[2]): shapes do not broadcast together', add(x, i)],
  ['select(f32[2,3], f32[2,3], f32[2,3]): the predicate must be bool, got f32[2,3]', select(x, x, x)],
  [
    'select(bool[2], f32[2,3], f32[2,3]): the predicate must have the shape [2,3] of the branches',
    select(of('bool', [2]), x, x),
  ],
  ['select(bool[2,3], f32[2,3], i32[2]): operands must have one type', select(p, x, i)],
  ['select(bool[2,3]): expected 3 operands, got 1', withOperands('select', {}, p)],
  ['reshape(f32[2,3]): 6 elements do not fill [4] (4)', reshape(x, [4])],
  ['reshape(f32[2,3]): [-1] is not a shape', reshape(x, [-1])],
  ['reshape(): expected 1 operands, got 0', withOperands('reshape', { shape: [] })],
  ['transpose(f32[2,3]): [0,0] is not a permutation of 2 axes', transpose(x, [0, 0])],
  ['transpose(): expected 1 operands', withOperands('transpose', { permutation: [] })],
  ['broadcast_in_dim(f32[2,3]): [2,-3] is not a shape', broadcastTo(x, [2, -3])],
  [
    'broadcast_in_dim(f32[2,3]): dims [1,0] must name one ascending result axis per operand axis',
    broadcastInDim(x, [3, 2], [1, 0]),
  ],
  ['broadcast_in_dim(f32[2,3]): dims [0] must name', broadcastInDim(x, [2], [0])],
  ['broadcast_in_dim(f32[2,3]): does not broadcast to [2,4] along dims [0,1]', broadcastTo(x, [2, 4])],
  ['broadcast_in_dim(): expected 1 operands', withOperands('broadcast_in_dim', { shape: [], dims: [] })],
  ['reduce_sum(f32[2,3]): axes [5] must be ascending and inside the rank 2', reduceSum(x, [5])],
  ['reduce_sum(bool[2,3]): expected a number type', reduceSum(p)],
  ['reduce_max(f32[0]): axis 0 is empty: there is no extreme element', reduceMax(of('f32', [0]))],
  ['reduce_max(f32[2,3]): axes [1,1] must be ascending', reduceMax(x, [1, 1])],
  ['argmax(f32[2,3]): axis 4 is outside the rank 2', argmax(x, 4)],
  ['argmax(f32[2,0]): axis 1 is empty: there is no largest element', argmax(of('f32', [2, 0]))],
  ['argmax(bool[2,3]): expected a number type', argmax(p)],
  ['cumsum(f32[2,3]): axis 2 is outside the rank 2', cumsum(x, 2)],
  ['cumsum(bool[2,3]): expected a number type', cumsum(p, 0)],
  ['convert(): expected 1 operands', withOperands('convert', { dtype: 'f32' })],
  ['stop_gradient(): expected 1 operands', withOperands('stop_gradient', {})],
  ['constant(): [0.5] is not a shape', constant(0, 'f32', [0.5])],
  ['constant(): expected 1 or 2 values, got 3', literal([1, 2, 3], 'f32', [2])],
  ['constant(): 0.5 is not a i32', constant(0.5, 'i32')],
  ['constant(): 2147483648 is not a i32', constant(2 ** 31, 'i32')],
  ['constant(): -2147483649 is not a i32', constant(-(2 ** 31) - 1, 'i32')],
  ['constant(): -1 is not a u32', constant(-1, 'u32')],
  ['constant(): 4294967296 is not a u32', constant(2 ** 32, 'u32')],
  ['constant(): 2 is not a bool', constant(2, 'bool')],
  ['iota(): [-1] is not a shape', iota('i32', [-1])],
  ['iota(): expected a number type, got bool', iota('bool', [2])],
  ['iota(): dimension 1 is outside the rank 1', iota('i32', [2], 1)],
  ['slice(f32[2,3]): [0,0] to [2,4] by [1,1] lies outside f32[2,3]', slice(x, [0, 0], [2, 4])],
  ['slice(f32[2,3]): [1,0] to [0,3] by [1,1] lies outside', slice(x, [1, 0], [0, 3])],
  ['slice(f32[2,3]): [0,0] to [2,3] by [0,1] lies outside', slice(x, [0, 0], [2, 3], [0, 1])],
  ['slice(f32[2,3]): [0] to [2] by [1] lies outside', slice(x, [0], [2])],
  ['slice(): expected 1 operands', withOperands('slice', { start: [], limit: [], strides: [] })],
  ['pad(f32[2,3]): low, high and interior must be 2 non-negative integers each', pad(x, [-1, 0], [0, 0])],
  ['pad(f32[2,3]): low, high and interior must be 2', pad(x, [0], [0])],
  ['pad(i32[2]): 0.5 is not a i32', pad(i, [1], [0], 0.5)],
  ['pad(i32[2]): [18014398509481978] is not a shape', pad(i, [2 ** 53 - 4], [2 ** 53 - 4], 0)],
  ['pad(): expected 1 operands', withOperands('pad', { low: [], high: [], interior: [], value: 0 })],
  [
    'concatenate(f32[2,3], f32[3,2]): f32[3,2] does not continue f32[2,3] along axis 0',
    concatenate([x, of('f32', [3, 2])], 0),
  ],
  ['concatenate(f32[2,3], f64[2,3]): f64[2,3] does not continue', concatenate([x, of('f64', [2, 3])], 0)],
  ['concatenate(f32[2,3]): axis 2 is outside the rank 2', concatenate([x], 2)],
  ['concatenate(): expected at least one operand', concatenate([], 0)],
  ['concatenate(): expected at least one operand', withOperands('concatenate', { axis: 0 })],
  ['concatenate(): expected at least one operand', stack([])],
  ['gather(f32[2,3], f32[2,3]): indices must be integers, got f32[2,3]', gather(x, x)],
  ['gather(f32[2,3], i32[2]): axis 2 is outside the rank 2', gather(x, i, 2)],
  ['gather(f32[2,3], i32[2]): batchDims 1 must be at most the axis 0 and the rank of the indices', gather(x, i, 0, 1)],
  ['gather(f32[0,3], i32[2]): axis 0 is empty', gather(of('f32', [0, 3]), i)],
  ['gather(f32[3,3], i32[2]): the first 1 axes of operand and indices must agree', gather(of('f32', [3, 3]), i, 1, 1)],
  ['gather(f32[2,3]): expected 2 operands, got 1', withOperands('gather', { axis: 0, batchDims: 0 }, x)],
  ['scatter_add(f32[2,3], i32[2], f32[3]): updates must be f32[2,3], got f32[3]', scatterAdd(x, i, of('f32', [3]))],
  ['scatter_add(f32[2,3], f32[2,3], f32[2,3]): indices must be integers', scatterAdd(x, x, x)],
  ['scatter_add(bool[2,3], i32[2], bool[2,3]): expected a number type', scatterAdd(p, i, p)],
  ['dynamic_slice(f32[2,3], i32[]): expected 2 start indices, got 1', dynamicSlice(x, [start], [1, 1])],
  [
    'dynamic_slice(f32[2,3], i32[], f32[]): start indices must be i32[], got f32[]',
    dynamicSlice(x, [start, of('f32', [])], [1, 1]),
  ],
  [
    'dynamic_slice(f32[2,3], i32[], i32[]): sizes [3,1] do not fit in f32[2,3]',
    dynamicSlice(x, [start, start], [3, 1]),
  ],
  ['dynamic_slice(): expected an operand', withOperands('dynamic_slice', { sizes: [] })],
  [
    'dynamic_update_slice(f32[2,3], f32[3,3], i32[], i32[]): f32[3,3] does not fit in f32[2,3]',
    dynamicUpdateSlice(x, of('f32', [3, 3]), [start, start]),
  ],
  [
    'dynamic_update_slice(f32[2,3], f64[1,1], i32[], i32[]): f64[1,1] does not fit',
    dynamicUpdateSlice(x, of('f64', [1, 1]), [start, start]),
  ],
  [
    'dynamic_update_slice(f32[2,3], f32[1,1], i32[]): expected 2 start indices',
    dynamicUpdateSlice(x, of('f32', [1, 1]), [start]),
  ],
  ['dynamic_update_slice(f32[2,3]): expected an operand and an update', withOperands('dynamic_update_slice', {}, x)],
  [
    'dot_general(bool[2,3], bool[2,3]): expected a number type',
    withOperands('dot_general', { contract: [[], []], batch: [[], []], dtype: 'i32' }, p, p),
  ],
  [
    'block(f32[2], f32[2]): b takes 1 operands, got 2',
    withOperands('block', { name: 'b', attributes: {}, body }, of('f32', [2]), of('f32', [2])),
  ],
  ['block(f32[2,3]): b takes f32[2] as operand 0', withOperands('block', { name: 'b', attributes: {}, body }, x)],
  ['scan(f32[2]): length -1 is not a count', withOperands('scan', { ...scanParams, length: -1 }, of('f32', [2]))],
  ["scan(f32[2,3]): the body's input 0 is f32[2]", withOperands('scan', scanParams, x)],
  [
    'scan(f32[2], f32[2,3]): the body has another number of inputs than operands',
    withOperands('scan', scanParams, of('f32', [2]), x),
  ],
  [
    'scan(f32[2], f32[3,3]): a sequence must have 2 elements, got f32[3,3]',
    withOperands('scan', scanParams, of('f32', [2]), of('f32', [3, 3])),
  ],
  [
    'scan(f32[2]): the body does not return carry 0',
    withOperands('scan', { ...scanParams, body: new Graph([half], []) }, of('f32', [2])),
  ],
];

it.each(refusals)('%s', (message, expr) => {
  expect(isValid(expr) ? 'accepted' : showShapeError(expr.error)).toContain(message);
});

const swap = new Graph([half], [valid(reshape(half, [2, 1]))]);

it('a scan whose body changes the type of a carry is refused by the primitive too', () => {
  const refused = withOperands('scan', { ...scanParams, body: swap }, of('f32', [2]));
  expect(isValid(refused) ? 'accepted' : refused.error.reason).toBe(
    'carry 0 must keep its type: it begins as f32[2], the body makes it f32[2,1]',
  );
});

it('a primitive without a result is refused where one is expected', () => {
  const empty = apply(primitives.block, { name: 'empty', attributes: {}, body: new Graph([], []) }, []);
  expect(isValid(empty) ? 'accepted' : showShapeError(empty.error)).toContain('block(): has no result');
});

it('conversions that change nothing are no step', () => {
  expect(convert(x, 'f32')).toBe(x);
  expect(broadcastTo(x, [2, 3])).toBe(x);
  expect(reduceSum(x, [])).toBe(x);
});

describe('the place of an error', () => {
  // Of V8, not of the language.
  const runtime: { readonly prototype: Error; prepareStackTrace?: unknown; stackTraceLimit?: unknown } = Error;
  const { prepareStackTrace, stackTraceLimit } = runtime;
  afterEach(() => {
    Object.assign(runtime, { prepareStackTrace, stackTraceLimit });
  });

  const place = (): string => {
    const broken = exp(i);
    return isValid(broken) ? 'accepted' : broken.error.builtAt;
  };

  it('is the first frame outside this package', () => {
    expect(place()).toMatch(/refusals\.test\.ts:\d+:\d+$/);
  });

  it('is found however many frames the program asks for', () => {
    delete runtime.stackTraceLimit;
    expect(place()).toMatch(/refusals\.test\.ts:\d+:\d+$/);
  });

  it('is empty where the runtime keeps no stack', () => {
    runtime.prepareStackTrace = () => undefined;
    expect(place()).toBe('');
  });
});
