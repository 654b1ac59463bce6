import {
  abs,
  type Expr,
  type ExprTree,
  mul,
  reduceSum,
  sin,
  stopGradient,
  tensorType,
  zerosLike,
} from '@torsor/tensor';
import { map } from '@torsor/tree';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commutativeMonoidLaws,
  differentiableLaws,
  exactTensor,
  gradientTransformationLaws,
  type MonoidReducer,
  monoidLaws,
  runLaws,
  savedReducerLaws,
  scheduleLaws,
  type Transformation,
} from '../src/index.js';
import { refutations } from './lawful.js';

describe('monoidLaws', () => {
  const sum: MonoidReducer<number, number, number> = {
    empty: 0,
    step: (total, x) => total + x,
    combine: (a, b) => a + b,
    extract: (total) => total,
  };
  runLaws(monoidLaws(sum, fc.integer(), Object.is), it);

  it('refute a mean of means, a combine that is not associative, and an empty that counts', () => {
    const meanOfMeans = { ...sum, combine: (a: number, b: number) => (a + b) / 2 };
    expect([...refutations(monoidLaws(meanOfMeans, fc.integer(), Object.is)).keys()]).toEqual([
      'combining with empty changes nothing',
      'combine is associative',
      'reducing parts and combining them is reducing the whole',
    ]);
    const counted = refutations(monoidLaws({ ...sum, empty: 1 }, fc.integer(), Object.is, { seed: 1 }));
    expect(counted.get('combining with empty changes nothing')).toContain('empty on the left, and without: 2 and 1');
  });
});

describe('commutativeMonoidLaws', () => {
  const largest: MonoidReducer<number, number, number> = {
    empty: Number.NEGATIVE_INFINITY,
    step: Math.max,
    combine: Math.max,
    extract: (x) => x,
  };
  runLaws(commutativeMonoidLaws(largest, fc.integer()), it);

  it('refute the last value, which is a monoid all the same', () => {
    const last: MonoidReducer<number, number | null, number | null> = {
      empty: null,
      step: (_, x) => x,
      combine: (a, b) => b ?? a,
      extract: (x) => x,
    };
    expect([...refutations(monoidLaws(last, fc.integer())).keys()]).toEqual([]);
    expect([...refutations(commutativeMonoidLaws(last, fc.integer())).keys()]).toEqual([
      'any order gives the same result',
    ]);
  });

  it('refute a combine that counts its right side twice', () => {
    const lopsided: MonoidReducer<number, number, number> = {
      empty: 0,
      step: (total, x) => total + x,
      combine: (a, b) => a + 2 * b,
      extract: (total) => total,
    };
    expect([...refutations(commutativeMonoidLaws(lopsided, fc.integer())).keys()]).toContain(
      'any order gives the same result',
    );
  });
});

describe('savedReducerLaws', () => {
  type Mean = { readonly total: number; readonly n: number };
  const mean: MonoidReducer<number, Mean, number | null> = {
    empty: { total: 0, n: 0 },
    step: ({ total, n }, x) => ({ total: total + x, n: n + 1 }),
    combine: (a, b) => ({ total: a.total + b.total, n: a.n + b.n }),
    extract: ({ total, n }) => (n === 0 ? null : total / n),
  };
  runLaws(savedReducerLaws(mean, { write: JSON.stringify, read: (text) => JSON.parse(text) }, fc.integer()), it);

  it('refute a state that is saved as its result, and one that JSON loses', () => {
    const asResult = {
      write: (s: Mean) => String(mean.extract(s) ?? 0),
      read: (text: string) => ({ total: Number(text), n: 1 }),
    };
    expect(refutations(savedReducerLaws(mean, asResult, fc.integer())).size).toBe(1);
    const json = { write: JSON.stringify, read: (text: string): Mean => JSON.parse(text) };
    expect(refutations(savedReducerLaws(mean, json, fc.constant(Number.NaN))).size).toBe(1);
  });
});

describe('scheduleLaws', () => {
  runLaws(
    scheduleLaws((count) => 1 / (1 + count)),
    it,
  );

  it('refute a schedule that goes below 0 and one that remembers', () => {
    const below = refutations(scheduleLaws((count) => 100 - count, { seed: 1 }));
    expect(below.get('the value is finite and at least 0 at every count')).toContain('at count 101 the value is -1');
    let calls = 0;
    const remembers = refutations(scheduleLaws(() => calls++));
    expect([...remembers.keys()]).toEqual(['the value depends on the count alone']);
  });
});

describe('gradientTransformationLaws', () => {
  const scaled = (by: number): Transformation => ({
    init: () => ({}),
    update: (updates, state) => ({ updates: map<Expr, Expr>(updates, (leaf) => mul(leaf, by)), state }),
  });
  runLaws(gradientTransformationLaws(scaled(0.5)), it);
  runLaws(gradientTransformationLaws(scaled(0.5), { params: { w: tensorType('f32', [2]) } }), (name, check) =>
    it(`${name} (own parameters)`, check),
  );

  it('refute one that changes shapes, one that overflows, one that swallows errors, and a growing state', () => {
    const sums: Transformation = {
      ...scaled(1),
      update: (updates, state) => ({ updates: map<Expr, Expr>(updates, (leaf) => reduceSum(leaf)), state }),
    };
    const keeps = 'updates and state keep their structure and types, step after step';
    expect(refutations(gradientTransformationLaws(sums)).get(keeps)).toContain('layer/bias: f32[]');
    const overflows = refutations(gradientTransformationLaws(scaled(Number.POSITIVE_INFINITY)));
    expect([...overflows.keys()]).toEqual(['finite gradients give finite updates and a finite state']);
    const swallows: Transformation = {
      init: () => ({}),
      update: (_updates, state, params) => ({ updates: map<Expr, Expr>(params, zerosLike), state }),
    };
    expect([...refutations(gradientTransformationLaws(swallows)).keys()]).toEqual([
      'an invalid gradient makes an invalid update',
    ]);
    const grows: Transformation = {
      init: () => ({}),
      update: (updates, state) => ({ updates, state: { before: state, updates } as ExprTree }),
    };
    expect([...refutations(gradientTransformationLaws(grows)).keys()]).toEqual([keeps]);
  });

  it('refute in the rounding of a dtype what overflows it alone', () => {
    const fits: Transformation = {
      ...scaled(1),
      update: (updates, state) => ({
        updates: map<Expr, Expr>(updates, (leaf) => mul(mul(mul(leaf, 1e30), 1e30), 1e-60)),
        state,
      }),
    };
    expect([...refutations(gradientTransformationLaws(fits)).keys()]).toEqual([]);
    expect([...refutations(gradientTransformationLaws(fits, { rounding: 'declared' })).keys()]).toEqual([
      'finite gradients give finite updates and a finite state',
    ]);
  });
});

describe('differentiableLaws', () => {
  const at = exactTensor([2, 3]);
  runLaws(differentiableLaws(sin, at), it);

  it('refute a stopped gradient and a kink', () => {
    expect(refutations(differentiableLaws((x) => sin(stopGradient(x)), at)).size).toBeGreaterThan(0);
    expect(
      refutations(differentiableLaws(abs, exactTensor([6], 'f32', fc.constantFrom(0, 0.001)))).size,
    ).toBeGreaterThan(0);
  });
});
