import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type AnyPrimitive, applyAll, input } from '../../src/expr.js';
import * as language from '../../src/index.js';
import { dtypes, type Expr, isValid, primitives, refused, TensorType } from '../../src/index.js';

/** Anything that a caller without types might pass where a number or a list of numbers belongs. */
const junkNumber = fc.oneof(fc.integer({ min: -2, max: 4 }), fc.constantFrom(0.5, Number.NaN, 1e308, -0));
const junkList = fc.array(junkNumber, { maxLength: 3 });
const junkDtype = fc.constantFrom(...dtypes);

const junkParams = fc.record({
  axes: junkList,
  axis: junkNumber,
  batch: fc.tuple(junkList, junkList),
  batchDims: junkNumber,
  contract: fc.tuple(junkList, junkList),
  dimension: junkNumber,
  dims: junkList,
  direction: fc.constantFrom('EQ', 'LT'),
  dtype: junkDtype,
  high: junkList,
  interior: junkList,
  limit: junkList,
  low: junkList,
  permutation: junkList,
  reverse: fc.boolean(),
  shape: junkList,
  sizes: junkList,
  start: junkList,
  strides: junkList,
  value: junkNumber,
  values: junkList,
});

const operand: fc.Arbitrary<Expr> = fc
  .tuple(junkDtype, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
  .map(([dtype, shape]) => input('x', new TensorType(dtype, shape)));

const simple = Object.values(primitives).filter(({ name }) => name !== 'scan' && name !== 'block');

describe('applying a primitive', () => {
  it.each(simple.map((primitive): readonly [string, AnyPrimitive] => [primitive.name, primitive]))(
    '%s never throws, and what it accepts has a shape',
    (_, primitive) => {
      fc.assert(
        fc.property(junkParams, fc.array(operand, { maxLength: 4 }), (params, operands) => {
          const results = applyAll(primitive, params, operands);
          if (E.isLeft(results)) {
            expect(results.left.error.reason).not.toBe('');
          } else {
            for (const { type } of results.right) {
              expect(type.shape.every((n) => Number.isInteger(n) && n >= 0)).toBe(true);
            }
          }
        }),
        { numRuns: 100, includeErrorInReport: true },
      );
    },
  );
});

type AnyBuilder = (...args: readonly unknown[]) => unknown;

/** What a builder takes: x an expression, o one or a number, n a number, l a list, d a dtype. */
const argumentsOf = {
  x: operand,
  o: fc.oneof(operand, junkNumber),
  n: junkNumber,
  l: junkList,
  d: junkDtype,
} as const;

type Kind = keyof typeof argumentsOf;

const signatures = {
  abs: 'x',
  add: 'oo',
  and: 'oo',
  argmax: 'xn',
  broadcastInDim: 'xll',
  broadcastTo: 'xl',
  ceil: 'x',
  clip: 'xoo',
  constant: 'ndl',
  convert: 'xd',
  cos: 'x',
  cumsum: 'xn',
  div: 'oo',
  dynamicUpdateSlice: 'xxl',
  eq: 'oo',
  exp: 'x',
  expandDims: 'xn',
  expm1: 'x',
  floor: 'x',
  gather: 'xxnn',
  ge: 'oo',
  gelu: 'x',
  gt: 'oo',
  iota: 'dln',
  isFinite: 'x',
  layerNorm: 'xxxn',
  le: 'oo',
  literal: 'ldl',
  log: 'x',
  log1p: 'x',
  logSoftmax: 'xl',
  logSumExp: 'xl',
  logistic: 'x',
  lt: 'oo',
  matmul: 'xx',
  maximum: 'oo',
  mean: 'xl',
  minimum: 'oo',
  mul: 'oo',
  ne: 'oo',
  neg: 'x',
  not: 'x',
  oneHot: 'xnd',
  onesLike: 'x',
  or: 'oo',
  pad: 'xlln',
  pow: 'oo',
  reduceMax: 'xl',
  reduceMin: 'xl',
  reduceSum: 'xl',
  relu: 'x',
  rem: 'oo',
  reshape: 'xl',
  rmsNorm: 'xxn',
  rmsNormalize: 'xn',
  roundNearestEven: 'x',
  rsqrt: 'x',
  scatterAdd: 'xxxnn',
  select: 'xxx',
  sign: 'x',
  silu: 'x',
  sin: 'x',
  slice: 'xlll',
  sliceInDim: 'xnnn',
  softmax: 'xl',
  sqrt: 'x',
  square: 'x',
  squeeze: 'xn',
  stopGradient: 'x',
  sub: 'oo',
  takeAlongLast: 'xx',
  tanh: 'x',
  transpose: 'xl',
  variance: 'xl',
  where: 'xoo',
  zerosLike: 'x',
} as const satisfies { readonly [N in keyof typeof language]?: string };

const exported = new Map<string, unknown>(Object.entries(language));

const builders = Object.entries(signatures).map(
  ([name, signature]) => [name, exported.get(name) as AnyBuilder, [...signature] as readonly Kind[]] as const,
);

describe('builders', () => {
  it.each(builders)('%s never throws', (_, build, kinds) => {
    const given = fc.tuple(...kinds.map((kind): fc.Arbitrary<unknown> => argumentsOf[kind]));
    fc.assert(
      fc.property(given, (args) => {
        const expr = build(...args) as Expr;
        expect(isValid(expr) || expr.error.reason !== '').toBe(true);
      }),
      { includeErrorInReport: true },
    );
  });
});

describe('an invalid operand', () => {
  const { add, sub } = language;
  const broken = refused('first', [], 'broken on purpose');
  const two = input('x', new TensorType('f32', [2, 2]));
  const plain: { readonly [K in Kind]: unknown } = { x: two, o: two, n: 0, l: [0], d: 'f32' };
  const places = builders.flatMap(([name, build, kinds]) =>
    kinds.flatMap((kind, i) => (kind === 'x' || kind === 'o' ? [[name, i, build, kinds] as const] : [])),
  );

  it.each(places)('of %s at %s makes it invalid with the first error', (_name, place, build, kinds) => {
    const result = build(...kinds.map((kind, i) => (i === place ? broken : plain[kind])));
    expect(result).toMatchObject({ _tag: 'Invalid', error: { primitive: 'first', reason: 'broken on purpose' } });
  });

  it('is absorbed by everything else too', () => {
    const results: readonly unknown[] = [
      language.concatenate([two, broken], 0),
      language.stack([broken]),
      ...language.split(broken, 2),
      language.einsum('ij,jk->ik', [two, broken]),
      language.dotGeneral(two, broken, { contract: [[1], [0]] }),
      language.dynamicSlice(broken, [0], [1]),
      language.block('b', {}, (x: Expr) => sub(x, 1), broken),
      language.block('b', {}, () => broken, two),
      language.scan((c: Expr, x: Expr) => ({ carry: c, y: x }), two, broken).carry,
      language.scan((c: Expr, _x: Expr) => ({ carry: c, y: broken }), two, two).ys,
      language.grad((x: Expr) => language.reduceSum(x))(broken),
      language.grad(() => broken)(two),
      language.vjp((x: Expr) => x, broken).outputs,
      language.vjp((x: Expr) => x, broken).pullback(two),
      language.vjp((x: Expr) => x, two).pullback(broken),
      language.jvp((x: Expr) => x, two, broken).tangents,
      language.valueAndGrad((x: Expr) => language.reduceSum(add(x, broken)))(two).value,
    ];
    for (const result of results) expect(result).toMatchObject({ _tag: 'Invalid', error: { primitive: 'first' } });
  });
});
