import {
  compute,
  flowMatchingLaws,
  flowMatchingPathLaws,
  numbersOf,
  runLaws,
  tensor,
  type VelocityBatch,
  velocityBatch,
} from '@torsor/laws';
import { type Expr, grad, isValid, reduceSum, showShapeError } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flowMatching,
  flowMatchingInputs,
  flowMatchingLoss,
  flowMatchingLossRealDims,
  interpolate,
} from '../src/index.js';

const velocities = ({ v_t, u_t }: VelocityBatch) => ({ v_t: tensor(v_t), u_t: tensor(u_t) });

const failure = (build: (x: Expr) => Expr): string => {
  let text = 'accepted';
  compute({ x: tensor([[[1, 2, 3]]]) }, ({ x }) => {
    const built = build(x);
    text = isValid(built) ? 'accepted' : showShapeError(built.error);
    return x;
  });
  return text;
};

describe('flowMatchingInputs', () => {
  runLaws(flowMatchingPathLaws(flowMatchingInputs), it);

  it('refuses times that are not one per sample, and noise of another shape', () => {
    const two = (x: Expr): Expr => reduceSum(x, [0]);
    expect(failure((x) => interpolate(x, x, reduceSum(x)))).toContain('time must be f32[1], one per sample');
    expect(failure((x) => interpolate(x, two(x), reduceSum(x, [1, 2])))).toContain(
      'actions and noise must have one type',
    );
    expect(failure((x) => interpolate(reduceSum(x), reduceSum(x), x))).toContain('actions must be [b, ah, ad]');
    expect(failure((x) => flowMatchingInputs(x, x, reduceSum(x)).x_t)).toContain('interpolate');
  });
});

describe('flowMatchingLoss', () => {
  runLaws(flowMatchingLaws(flowMatchingLoss), it);

  it('is the mean over ad of flowMatching', () => {
    fc.assert(
      fc.property(velocityBatch, (batch) => {
        const [perElement] = compute(velocities(batch), ({ v_t, u_t }) => flowMatching(v_t, u_t));
        const ad = perElement?.type.shape[2] ?? 0;
        const losses = numbersOf(velocities(batch), ({ v_t, u_t }) => flowMatchingLoss(v_t, u_t));
        losses.forEach((loss, i) => {
          const row = perElement?.data.slice(i * ad, (i + 1) * ad) ?? new Float64Array(0);
          expect(loss).toBeCloseTo(row.reduce((a, b) => a + b, 0) / ad, 12);
        });
      }),
    );
  });

  it('is (v − u)² by hand', () => {
    const at = { v_t: tensor([[[1, 2]]]), u_t: tensor([[[0, -1]]]) };
    expect([...numbersOf(at, ({ v_t, u_t }) => flowMatching(v_t, u_t))]).toEqual([1, 9]);
    expect([...numbersOf(at, ({ v_t, u_t }) => flowMatchingLoss(v_t, u_t))]).toEqual([5]);
    expect([...numbersOf(at, ({ v_t, u_t }) => flowMatchingLossRealDims(v_t, u_t, 1))]).toEqual([1]);
  });

  it('broadcasts nothing', () => {
    expect(failure((x) => flowMatchingLoss(x, reduceSum(x, [0])))).toContain('v_t and u_t must have one type');
    expect(failure((x) => flowMatching(reduceSum(x), reduceSum(x)))).toContain('v_t and u_t must have one type');
  });
});

describe('flowMatchingLossRealDims', () => {
  runLaws(
    flowMatchingLaws((v_t, u_t) =>
      flowMatchingLossRealDims(v_t, u_t, v_t._tag === 'TensorExpr' ? (v_t.type.shape[2] ?? 0) : 0),
    ),
    it,
  );

  it('padded dimensions change neither loss nor gradient', () => {
    fc.assert(
      fc.property(velocityBatch, fc.double(), ({ v_t, u_t }, junk) => {
        const padded = v_t.map((chunk) => chunk.map((action) => [...(Array.isArray(action) ? action : []), junk]));
        const target = u_t.map((chunk) => chunk.map((action) => [...(Array.isArray(action) ? action : []), 0]));
        const at = { v_t: tensor(padded), u_t: tensor(target) };
        const real = (at.v_t.type.shape[2] ?? 0) - 1;
        const loss = (v: Expr, u: Expr): Expr => flowMatchingLossRealDims(v, u, real);
        const expected = numbersOf(velocities({ v_t, u_t }), (given) => flowMatchingLoss(given.v_t, given.u_t));
        expect([...numbersOf(at, (given) => loss(given.v_t, given.u_t))]).toEqual([...expected]);
        const slope = numbersOf(at, (given) => grad((v: Expr) => reduceSum(loss(v, given.u_t)))(given.v_t));
        expect(slope.filter((_, i) => i % (real + 1) === real).every((x) => x === 0)).toBe(true);
      }),
    );
  });

  it.each([0, 4, 1.5, -1, Number.NaN])('refuses %s of 3 dimensions', (realDims) => {
    expect(failure((x) => flowMatchingLossRealDims(x, x, realDims))).toContain('give an integer from 1 to 3');
    expect(failure((x) => flowMatchingLossRealDims(reduceSum(x), x, realDims))).toContain('from 1 to 0');
  });
});
