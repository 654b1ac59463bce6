import { expect, it } from 'vitest';
import { apply } from '../../src/expr.js';
import {
  add,
  block,
  broadcastInDim,
  constant,
  convert,
  type Expr,
  literal,
  mul,
  neg,
  primitives,
  printGraph,
  reshape,
  scan,
  simplify,
  sin,
  sub,
  tanh,
  transpose,
} from '../../src/index.js';
import { graphOf, tensor } from '../laws/evaluating.js';

const matrix = tensor('f32', [2, 3], new Array<number>(6).fill(0));

/** The lines of nodes after simplifying. */
const lines = (f: (x: Expr) => Expr): readonly string[] =>
  printGraph(simplify(graphOf([matrix], (x = constant(0, 'f32')) => [f(x)])))
    .split('\n')
    .slice(1, -2)
    .map((line) => line.trim());

const rewritings: ReadonlyArray<readonly [string, (x: Expr) => Expr, readonly string[]]> = [
  [
    'reshape of reshape is one reshape',
    (x) => reshape(reshape(x, [6]), [3, 2]),
    ['%0 = reshape(%in0) {shape=[3,2]} : f32[3,2]'],
  ],
  ['reshape and back is nothing', (x) => reshape(reshape(x, [6]), [2, 3]), []],
  ['reshape to the same shape is nothing', (x) => reshape(x, [2, 3]), []],
  [
    'reshape of a constant is a constant',
    () => reshape(constant(2, 'f32', [6]), [2, 3]),
    ['%0 = constant() {dtype="f32" shape=[2,3] values=[2]} : f32[2,3]'],
  ],
  [
    'reshape of several numbers stays',
    () => reshape(literal([1, 2], 'f32'), [2, 1]),
    ['%0 = constant() {dtype="f32" shape=[2] values=[1,2]} : f32[2]', '%1 = reshape(%0) {shape=[2,1]} : f32[2,1]'],
  ],
  [
    'transpose of transpose is one transpose',
    (x) => transpose(transpose(reshape(x, [1, 2, 3]), [1, 2, 0]), [1, 0, 2]),
    ['%0 = reshape(%in0) {shape=[1,2,3]} : f32[1,2,3]', '%1 = transpose(%0) {permutation=[2,1,0]} : f32[3,2,1]'],
  ],
  ['transpose and back is nothing', (x) => transpose(transpose(x)), []],
  ['transpose by the identity is nothing', (x) => transpose(x, [0, 1]), []],
  [
    'transpose of a constant is a constant',
    () => transpose(constant(2, 'f32', [2, 3])),
    ['%0 = constant() {dtype="f32" shape=[3,2] values=[2]} : f32[3,2]'],
  ],
  [
    'broadcast of broadcast is one broadcast',
    (x) => broadcastInDim(broadcastInDim(x, [4, 2, 3], [1, 2]), [4, 5, 2, 3], [0, 2, 3]),
    ['%0 = broadcast_in_dim(%in0) {dims=[2,3] shape=[4,5,2,3]} : f32[4,5,2,3]'],
  ],
  [
    'broadcast of a constant is a constant',
    () => broadcastInDim(constant(2, 'f32', [1]), [3], [0]),
    ['%0 = constant() {dtype="f32" shape=[3] values=[2]} : f32[3]'],
  ],
  ['neg of neg is nothing', (x) => neg(neg(x)), []],
  ['times 1 is nothing', (x) => mul(x, 1), []],
  ['1 times is nothing', (x) => mul(1, x), []],
  [
    'times 1 of a constant',
    (x) => add(x, mul(constant(1, 'f32', [2, 3]), constant(3, 'f32', [2, 3]))),
    ['%0 = constant() {dtype="f32" shape=[2,3] values=[3]} : f32[2,3]', '%1 = add(%in0, %0) : f32[2,3]'],
  ],
  ['minus 0 is nothing', (x) => sub(x, 0), []],
  [
    'minus −0 stays: −0 − (−0) is 0',
    (x) => sub(x, -0),
    ['%0 = constant() {dtype="f32" shape=[2,3] values=[-0]} : f32[2,3]', '%1 = sub(%in0, %0) : f32[2,3]'],
  ],
  [
    'plus 0 stays: −0 + 0 is 0',
    (x) => add(x, 0),
    ['%0 = constant() {dtype="f32" shape=[2,3] values=[0]} : f32[2,3]', '%1 = add(%in0, %0) : f32[2,3]'],
  ],
  ['a conversion to the same dtype is nothing', (x) => apply(primitives.convert, { dtype: 'f32' }, [x]), []],
  [
    'a broadcast to the same shape is nothing',
    (x) => apply(primitives.broadcast_in_dim, { shape: [2, 3], dims: [0, 1] }, [x]),
    [],
  ],
  [
    'equal expressions are one',
    (x) => add(sin(x), sin(x)),
    ['%0 = sin(%in0) : f32[2,3]', '%1 = add(%0, %0) : f32[2,3]'],
  ],
  [
    'a conversion there and back stays',
    (x) => convert(convert(x, 'bf16'), 'f32'),
    ['%0 = convert(%in0) {dtype="bf16"} : bf16[2,3]', '%1 = convert(%0) {dtype="f32"} : f32[2,3]'],
  ],
];

it.each(rewritings)('%s', (_, f, expected) => {
  expect(lines(f)).toEqual(expected);
});

it('bodies of blocks and scans are simplified too', () => {
  const text = lines((x) => block('b', {}, (y: Expr) => sin(neg(neg(y))), x)).join('\n');
  expect(text).not.toContain('neg');
  const loop = lines(
    (x) => scan((c: Expr, e: Expr) => ({ carry: add(c, neg(neg(e))), y: {} }), constant(0, 'f32', [3]), x).carry,
  );
  expect(loop.join('\n')).not.toContain('neg');
});

it('scan results that nothing uses are gone, with what only they needed', () => {
  const text = lines((x) => {
    const { carry } = scan(
      (c: { readonly used: Expr; readonly idle: Expr }, e: Expr) => ({
        carry: { used: add(c.used, e), idle: tanh(c.idle) },
        y: sin(c.idle),
      }),
      { used: constant(0, 'f32', [3]), idle: constant(1, 'f32', [3]) },
      x,
    );
    return carry.used;
  }).join('\n');
  expect(text).not.toContain('tanh');
  expect(text).not.toContain('sin');
  expect(text).toContain('numCarry=1');
});

it('a scan whose results feed only an unused result of another is gone', () => {
  const text = lines((x) => {
    const first = scan((c: Expr, e: Expr) => ({ carry: tanh(c), y: sin(e) }), constant(0, 'f32', [3]), x);
    const second = scan(
      (c: { readonly a: Expr; readonly b: Expr }, e: { readonly x: Expr; readonly y: Expr }) => ({
        carry: { a: add(c.a, e.x), b: add(c.b, e.y) },
        y: {},
      }),
      { a: constant(0, 'f32', [3]), b: constant(0, 'f32', [3]) },
      { x, y: first.ys },
    );
    return second.carry.a;
  });
  expect(text.filter((line) => line.includes('= scan'))).toHaveLength(1);
});
