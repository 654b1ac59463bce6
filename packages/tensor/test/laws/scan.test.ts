import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  block,
  constant,
  convert,
  type Expr,
  grad,
  mul,
  neg,
  type RefTensor,
  type Remat,
  reduceSum,
  reshape,
  type ScanOptions,
  type Step,
  scan,
  sin,
  sliceInDim,
  stack,
  sub,
  tanh,
} from '../../src/index.js';
import { expectDerivative, expectSecondDerivative, gradientOf, type Multi } from './derivatives.js';
import { computeAll, eighths, expectNumbers, tensor, tensorOf, valid } from './evaluating.js';

type Carries = { readonly [name: string]: Expr };
type Body = (outer: readonly Expr[], carry: Carries, x: Expr) => Step<Carries, Carries>;

const row = (xs: Expr, i: number): Expr => {
  const [, ...rest] = valid(xs).type.shape;
  return reshape(sliceInDim(xs, i, i + 1, 0), rest);
};

/** The loop written out. */
const unrolled = (
  body: Body,
  outer: readonly Expr[],
  init: Carries,
  xs: Expr,
  { reverse = false }: ScanOptions,
): Step<Carries, Carries> => {
  const length = valid(xs).type.shape[0] ?? 0;
  let carry = init;
  const ys: Carries[] = [];
  for (let n = 0; n < length; n++) {
    const step = body(outer, carry, row(xs, reverse ? length - 1 - n : n));
    carry = step.carry;
    ys.push(step.y);
  }
  const ordered = reverse ? ys.reverse() : ys;
  const names = Object.keys(ordered[0] ?? {});
  return { carry, y: Object.fromEntries(names.map((name) => [name, stack(ordered.map((y) => y[name] ?? xs))])) };
};

type Case = {
  readonly name: string;
  readonly body: Body;
  /** Outer expressions, then carries by name, then the sequence. */
  readonly outer: number;
  readonly carries: readonly string[];
  readonly options: ScanOptions;
  readonly inputs: fc.Arbitrary<readonly RefTensor[]>;
};

const length = 3;
const sequence = tensorOf([length, 2]);
const vector = tensorOf([2]);

const cases: readonly Case[] = [
  {
    name: 'one carry',
    body: (_, { c = constant(0, 'f64') }, x) => ({ carry: { c: tanh(add(c, x)) }, y: { y: mul(c, x) } }),
    outer: 0,
    carries: ['c'],
    options: {},
    inputs: fc.tuple(vector, sequence),
  },
  {
    name: 'in reverse',
    body: (_, { c = constant(0, 'f64') }, x) => ({ carry: { c: sin(add(mul(c, 0.5), x)) }, y: { y: add(c, x) } }),
    outer: 0,
    carries: ['c'],
    options: { reverse: true },
    inputs: fc.tuple(vector, sequence),
  },
  {
    name: 'expressions captured from outside',
    body: ([k = constant(0, 'f64'), m = constant(0, 'f64')], { c = k }, x) => ({
      carry: { c: tanh(add(mul(c, k), mul(sin(m), x))) },
      y: { y: mul(c, m), z: k },
    }),
    outer: 2,
    carries: ['c'],
    options: {},
    inputs: fc.tuple(vector, vector, vector, sequence),
  },
  {
    name: 'several carries that change places',
    body: (_, { a = constant(0, 'f64'), b = a }, x) => ({
      carry: { a: b, b: add(mul(a, x), 0.25) },
      y: { y: sub(a, b), z: a },
    }),
    outer: 0,
    carries: ['a', 'b'],
    options: {},
    inputs: fc.tuple(vector, vector, sequence),
  },
  {
    name: 'a counter among the carries',
    body: (_, { c = constant(0, 'f64'), n = constant(0, 'i32') }, x) => ({
      carry: { c: add(mul(c, 0.5), mul(convert(n, 'f64'), x)), n: add(n, 1) },
      y: { n, y: c },
    }),
    outer: 0,
    carries: ['c', 'n'],
    options: {},
    inputs: fc.tuple(vector, fc.constant(tensor('i32', [], [1])), sequence),
  },
  {
    name: 'a carry that stays and a result that is unused',
    body: (_, { c = constant(0, 'f64') }, x) => ({ carry: { c }, y: { y: mul(x, c), z: neg(x) } }),
    outer: 0,
    carries: ['c'],
    options: {},
    inputs: fc.tuple(vector, sequence),
  },
  {
    name: 'a scan inside a scan',
    body: ([k = constant(0, 'f64')], { c = k }, x) => {
      const inner = scan(
        (s: Expr, e: Expr) => ({ carry: tanh(add(mul(s, k), e)), y: mul(s, e) }),
        c,
        stack([x, neg(x)]),
      );
      return { carry: { c: inner.carry }, y: { y: reduceSum(inner.ys, [0]) } };
    },
    outer: 1,
    carries: ['c'],
    options: { reverse: true },
    inputs: fc.tuple(vector, vector, sequence),
  },
];

const parts = ({ outer, carries }: Case, inputs: readonly Expr[]) => ({
  outer: inputs.slice(0, outer),
  init: Object.fromEntries(carries.map((name, i) => [name, inputs[outer + i] ?? constant(0, 'f64')])),
  xs: inputs[outer + carries.length] ?? constant(0, 'f64'),
});

const flat = (carry: Carries, y: Carries): readonly Expr[] => [...Object.values(carry), ...Object.values(y)];

const policies: readonly Remat[] = ['carry', 'dots', 'none'];

const scanned =
  (of: Case, remat?: Remat): Multi =>
  (...inputs) => {
    const { outer, init, xs } = parts(of, inputs);
    const { carry, ys } = scan((c: Carries, x: Expr) => of.body(outer, c, x), init, xs, {
      ...of.options,
      ...(remat === undefined ? {} : { remat }),
    });
    return flat(carry, ys);
  };

const looped =
  (of: Case): Multi =>
  (...inputs) => {
    const { outer, init, xs } = parts(of, inputs);
    const { carry, y } = unrolled(of.body, outer, init, xs, of.options);
    return flat(carry, y);
  };

const lists = fc.array(eighths, { minLength: 1, maxLength: 3 });

const expectSame = (at: readonly RefTensor[], f: Multi, g: Multi): void => {
  const [found, expected] = [computeAll(at, f), computeAll(at, g)];
  expect(found.map(({ type }) => type)).toEqual(expected.map(({ type }) => type));
  for (const [i, { data }] of found.entries()) {
    expectNumbers(`result ${i} (expected: the loop)`, data, expected[i]?.data ?? [], 1e-12);
  }
};

describe.each(cases.map((of) => [of.name, of] as const))('scan, %s', (_, of) => {
  const check = (f: (at: readonly RefTensor[], v: readonly number[], w: readonly number[]) => void): void =>
    fc.assert(fc.property(of.inputs, lists, lists, f), { numRuns: 10, includeErrorInReport: true });

  it('is the loop written out', () => {
    check((at) => expectSame(at, scanned(of), looped(of)));
  });

  it.each(policies)('has the gradient of the loop, keeping %s', (remat) => {
    check((at, _v, w) => expectSame(at, gradientOf(scanned(of, remat), w), gradientOf(looped(of), w)));
  });

  it.each(policies)('has the gradient of the gradient of the loop, keeping %s', (remat) => {
    check((at, v, w) =>
      expectSame(at, gradientOf(gradientOf(scanned(of, remat), w), v), gradientOf(gradientOf(looped(of), w), v)),
    );
  });

  it('derivatives are central differences', () => {
    check((at, v, w) => {
      expectDerivative(scanned(of), at, v, w);
      expectSecondDerivative(scanned(of), at, v, w, 1e-5);
    });
  });
});

describe('scan without sequences', () => {
  it('runs as often as its length says', () => {
    const [last] = computeAll([tensor('f64', [], [1])], (x) => [
      scan((c: Expr) => ({ carry: mul(c, 2), y: {} }), x ?? constant(0, 'f64'), {}, { length: 5 }).carry,
    ]);
    expect(last?.data[0]).toBe(32);
  });

  it('of length 0 gives the first carry and no elements', () => {
    const [carry, ys] = computeAll([tensor('f64', [], [3]), tensor('f64', [0, 2], [])], (c, xs) => {
      const of = scan(
        (s: Expr, x: Expr) => ({ carry: add(s, reduceSum(x)), y: x }),
        c ?? constant(0, 'f64'),
        xs ?? constant(0, 'f64'),
      );
      return [of.carry, of.ys];
    });
    expect([carry?.data[0], ys?.type.shape]).toEqual([3, [0, 2]]);
  });
});

describe('block', () => {
  const body = (k: Expr, x: Expr, y: Expr): Expr => mul(tanh(mul(x, k)), sin(y));
  const direct: Multi = (...[k = constant(0, 'f64'), x = k, y = k]) => [body(k, x, y)];
  /** `k` is captured, not given. */
  const blocked: Multi = (...[k = constant(0, 'f64'), x = k, y = k]) => [
    block('product', { n: 1 }, (z: { readonly x: Expr; readonly y: Expr }) => body(k, z.x, z.y), { x, y }),
  ];
  const inputs = fc.tuple(vector, vector, vector);

  it('is its body, in values, gradients and gradients of gradients', () => {
    fc.assert(
      fc.property(inputs, lists, lists, (at, v, w) => {
        expectSame(at, blocked, direct);
        expectSame(at, gradientOf(blocked, w), gradientOf(direct, w));
        expectSame(at, gradientOf(gradientOf(blocked, w), v), gradientOf(gradientOf(direct, w), v));
      }),
    );
  });

  it('may give several results, of which only some are used', () => {
    const two = (x: Expr): Expr => block('two', {}, (z: Expr) => ({ a: sin(z), b: mul(z, z) }), x).b;
    const at = [tensor('f64', [], [3])];
    const [found] = computeAll(at, (x = constant(0, 'f64')) => [grad(two)(x)]);
    expect(found?.data[0]).toBe(6);
  });
});
