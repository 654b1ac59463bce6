import { ExactTensor, gradientTransformationLaws, runLaws } from '@torsor/laws';
import { constant, type DType, type Expr, type ExprTree, mean, mul, scan, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accumulateGradients,
  adamw,
  clipByGlobalNorm,
  ema,
  type GradientTransformation,
  globalNorm,
  paramNorm,
  scaleByAdam,
  sgd,
  trace,
} from '../src/index.js';
import { computed, mapNumbers, norm, numbers, type Tensors, tensors, typed, typesIn } from './trees.js';

/*
 * The dtypes that people train in, every result rounded to its own: the other tests compute in float64, where nothing
 * overflows and every small change counts.
 */

const narrow = ['bf16', 'f16'] as const;
const dtypes = ['f32', ...narrow] as const;

const list = (dtype: DType, data: readonly number[]): ExactTensor =>
  new ExactTensor(tensorType(dtype, [data.length]), Float64Array.from(data));

const declared = <K extends string>(
  inputs: { readonly [N in K]: Tensors },
  f: (inputs: { readonly [N in K]: ExprTree }) => ExprTree,
): readonly number[] => numbers(computed(inputs, f, 'declared'));

/** What a state is after it has taken numbers one after another. */
const folded = (
  dtype: DType,
  xs: readonly number[],
  init: (first: Expr) => ExprTree,
  step: (state: ExprTree, x: Expr) => ExprTree,
): readonly number[] =>
  declared({ xs: list(dtype, xs) }, (given) => {
    const all = given.xs as Expr;
    return scan((state: ExprTree, x: Expr) => ({ carry: step(state, x), y: {} }), init(constant(0, dtype)), all).carry;
  });

/** The last update of a transformation that is given numbers one after another, and its state. */
const lastOf = (transformation: GradientTransformation, dtype: DType, xs: readonly number[]): readonly number[] =>
  folded(
    dtype,
    xs,
    (zero) => ({ state: transformation.init({ p: zero }), update: zero }),
    (before, x) => {
      const { state } = before as { readonly state: ExprTree };
      const made = transformation.update({ p: x }, state, { p: x });
      return { state: made.state, update: made.updates.p };
    },
  );

describe.each(dtypes)('in %s', (dtype) => {
  const subjects: ReadonlyArray<readonly [string, GradientTransformation]> = [
    ['clipByGlobalNorm', clipByGlobalNorm(1)],
    ['scaleByAdam', scaleByAdam({ b1: 0.9, b2: 0.95, eps: 1e-8 })],
    ['trace', trace({ decay: 0.9, nesterov: true })],
    ['adamw', adamw({ b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 0.1, learningRate: 0.1, clipGradientNorm: 1 })],
    ['sgd', sgd({ learningRate: 0.1, momentum: 0.9 })],
  ];
  for (const [name, subject] of subjects) {
    const options = { params: typesIn(dtype), rounding: 'declared', numRuns: 10 } as const;
    runLaws(gradientTransformationLaws(subject, options), (law, check) => it(`${name}: ${law}`, check));
  }

  it('an average of 1 goes to 2 in 3,000 updates, as 2 − 0.999ⁿ', () => {
    const average = ema(0.999);
    const [found = Number.NaN] = folded(
      dtype,
      [1, ...new Array<number>(3000).fill(2)],
      () => ({ first: average.init({ p: constant(1, dtype) }) }),
      (state, x) => ({ first: average.update((state as { readonly first: { readonly p: Expr } }).first, { p: x }) }),
    );
    // The first of the numbers is the average itself, which moves nothing.
    expect(Math.abs(found - (2 - 0.999 ** 3000))).toBeLessThan(1e-4);
  });

  it("Adam's moments of equal gradients go to the gradient and its square", () => {
    const [b1, b2, g, n] = [0.99, 0.999, 0.375, 1500];
    const [, mu = 0, nu = 0, update = 0] = lastOf(scaleByAdam({ b1, b2, eps: 0 }), dtype, new Array<number>(n).fill(g));
    expect(mu / (g * (1 - b1 ** n))).toBeCloseTo(1, 3);
    expect(nu / (g ** 2 * (1 - b2 ** n))).toBeCloseTo(1, 3);
    expect(update).toBeCloseTo(1, 2);
  });

  it('momentum of equal gradients goes to gradient / (1 − decay)', () => {
    const [sum = 0] = lastOf(trace({ decay: 0.999, nesterov: false }), dtype, new Array<number>(6000).fill(0.25));
    expect(sum / (250 * (1 - 0.999 ** 6000))).toBeCloseTo(1, 3);
  });

  it('gradients of 1,024 micro-batches add up', () => {
    const count = 1024;
    const found = declared({ p: list(dtype, [1]), x: list(dtype, new Array<number>(count).fill(0.375)) }, (given) => {
      const { p, x } = given as { readonly p: Expr; readonly x: Expr };
      const loss = (at: { readonly p: Expr }, batch: { readonly x: Expr }) => ({
        value: mean(mul(at.p, batch.x)),
        aux: {},
      });
      const { value, grads } = accumulateGradients(loss, count)({ p }, { x });
      return { value, grad: grads.p };
    });
    expect(found).toEqual([0.375, 0.375]);
  });
});

/** Exponents of two for which every number of `tensors` keeps all of its bits. */
const exponents = { f32: [-120, 120], bf16: [-120, 120], f16: [-10, 12] } as const;

describe.each(dtypes)('norms in %s', (dtype) => {
  const [min, max] = exponents[dtype];
  const scaled = fc.record({ tree: tensors, exponent: fc.integer({ min, max }) }).map(({ tree, exponent }) =>
    typed(
      dtype,
      mapNumbers(tree, (x) => x * 2 ** exponent),
    ),
  );
  const relative = dtype === 'f32' ? 1e-6 : dtype === 'bf16' ? 2 ** -8 : 2 ** -10;

  it('the norm is the true one wherever that is a number of f32', () => {
    fc.assert(
      fc.property(scaled, (tree) => {
        const [found = Number.NaN] = declared({ tree }, ({ tree: of }) => globalNorm(of));
        expect(Math.abs(found - norm(tree))).toBeLessThanOrEqual(1e-6 * norm(tree));
      }),
    );
  });

  it('clipping keeps the direction and bounds the norm, however large or small the gradients', () => {
    fc.assert(
      fc.property(scaled, fc.constantFrom(1, 0.5, 2 ** -12), (tree, limit) => {
        const clip = clipByGlobalNorm(limit);
        const found = declared({ tree }, ({ tree: of }) => clip.update(of, {}, of).updates);
        const factor = norm(tree) < limit ? 1 : limit / norm(tree);
        numbers(tree).forEach((x, i) => {
          expect(Math.abs((found[i] ?? Number.NaN) - x * factor)).toBeLessThanOrEqual(
            relative * Math.min(limit, norm(tree)),
          );
        });
      }),
    );
  });
});

describe('norms beyond a square', () => {
  const clipped = (data: readonly number[], limit = 1): readonly number[] =>
    declared({ g: list('f32', data) }, (given) => clipByGlobalNorm(limit).update(given, {}, given).updates);

  it.each([
    [[3e19, 4e19], 1, [0.6, 0.8]],
    [[3e38, 3e38], 1, [Math.SQRT1_2, Math.SQRT1_2]],
    [[3e38, 3e38], 2 ** -40, [Math.SQRT1_2 * 2 ** -40, Math.SQRT1_2 * 2 ** -40]],
    [[3e-25, 4e-25], 1e-25, [0.6e-25, 0.8e-25]],
    [[3e19, 4e-19], 1, [1, 0]],
  ])('%j clipped to %d is %j', (data, limit, expected) => {
    const found = clipped(data, limit);
    for (const [i, x] of expected.entries()) expect((found[i] ?? Number.NaN) / limit).toBeCloseTo(x / limit, 6);
  });

  it('small gradients below the limit are unchanged, bit for bit', () => {
    const data = [1e-25, 1e-25].map(Math.fround);
    expect(clipped(data)).toEqual(data);
  });

  it('is infinite where the norm is, and NaN of NaN', () => {
    const of = (data: readonly number[]): number | undefined =>
      declared({ g: list('f32', data) }, (given) => globalNorm(given))[0];
    expect(of([3e38, 3e38])).toBe(Number.POSITIVE_INFINITY);
    expect(of([Number.POSITIVE_INFINITY, 1])).toBe(Number.POSITIVE_INFINITY);
    expect(of([Number.NaN, 1])).toBeNaN();
    expect(of([])).toBe(0);
  });
});

describe('paramNorm of what is held wider than it is stored', () => {
  const kernel = (dtype: DType, data: readonly number[]): Tensors => ({
    kernel: new ExactTensor(tensorType(dtype, [1, data.length]), Float64Array.from(data)),
  });

  it('rounds as bf16 itself does', () => {
    const number = fc.integer({ min: -255, max: 255 }).map((n) => n / 8);
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), (data) => {
        const [stored] = declared({ p: kernel('bf16', data) }, ({ p }) => paramNorm(p, { roundNarrow: true }));
        const [held] = declared({ p: kernel('f32', data) }, ({ p }) => paramNorm(p, { roundNarrow: () => true }));
        expect(held).toBe(stored);
      }),
      { numRuns: 300 },
    );
  });

  it('rounds those that are named alone', () => {
    // 1 + 2⁻⁸ + 2⁻¹⁰ is between the numbers 1 and 1 + 2⁻⁷ of bf16, nearer to the second.
    const data = [1, 2 ** -4, 2 ** -5];
    const of = (path: string): number | undefined =>
      declared({ p: kernel('f32', data) }, ({ p }) => paramNorm(p, { roundNarrow: (at) => at === path }))[0];
    expect(of('kernel')).toBe(Math.fround(Math.sqrt(1 + 2 ** -7)));
    expect(of('other')).toBe(Math.fround(Math.sqrt(1 + 2 ** -8 + 2 ** -10)));
  });
});
