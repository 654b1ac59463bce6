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
import { type Expr, eq, grad, isValid, mean, reduceSum, showShapeError } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flowMatching,
  flowMatchingInputs,
  flowMatchingLoss,
  flowMatchingLossRealDims,
  flowMatchingLossRealSteps,
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

describe('flowMatchingLossRealSteps', () => {
  const masks = (rows: readonly (readonly boolean[])[]) =>
    tensor(
      rows.map((row) => row.map(Number)),
      'bool',
    );

  /** Velocities, and which of their steps are real. */
  const masked = velocityBatch.chain((batch) => {
    const [b = 0, ah = 0] = tensor(batch.v_t).type.shape;
    const rows = fc.array(fc.array(fc.boolean(), { minLength: ah, maxLength: ah }), { minLength: b, maxLength: b });
    return rows.map((mask) => ({ ...batch, mask }));
  });

  const given = ({ v_t, u_t }: VelocityBatch, mask: readonly (readonly boolean[])[]) => ({
    ...velocities({ v_t, u_t }),
    mask: masks(mask),
  });

  it('without padding is the mean of flowMatchingLoss over the chunk, of all dimensions and of the real ones', () => {
    fc.assert(
      fc.property(velocityBatch, (batch) => {
        const [b = 0, ah = 0, ad = 0] = tensor(batch.v_t).type.shape;
        const all = Array.from({ length: b }, () => Array.from({ length: ah }, () => true));
        for (const dims of [undefined, ad, 1]) {
          const found = numbersOf(given(batch, all), (x) => flowMatchingLossRealSteps(x.v_t, x.u_t, x.mask, dims));
          const plain = numbersOf(velocities(batch), (x) =>
            mean(flowMatchingLossRealDims(x.v_t, x.u_t, dims ?? ad), [1]),
          );
          expect([...found]).toEqual([...plain].map((loss) => expect.closeTo(loss, 9)));
        }
      }),
    );
  });

  it('is of each sample the mean over its real steps', () => {
    fc.assert(
      fc.property(masked, ({ mask, ...batch }) => {
        const found = numbersOf(given(batch, mask), (x) => flowMatchingLossRealSteps(x.v_t, x.u_t, x.mask));
        const perStep = numbersOf(velocities(batch), (x) => flowMatchingLoss(x.v_t, x.u_t));
        const expected = mask.map((row, i) => {
          const own = row.flatMap((isReal, h) => (isReal ? [perStep[i * row.length + h] ?? Number.NaN] : []));
          return own.reduce((sum, loss) => sum + loss, 0) / Math.max(own.length, 1);
        });
        expect([...found]).toEqual(expected.map((loss) => expect.closeTo(loss, 9)));
      }),
    );
  });

  it('does not depend on what stands in the padding, in the gradient neither', () => {
    const junk = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e30, -7);
    fc.assert(
      fc.property(masked, junk, ({ mask, v_t, u_t }, value) => {
        const spoilt = (chunks: VelocityBatch['v_t']) =>
          chunks.map((chunk, i) =>
            (chunk as readonly (readonly number[])[]).map((step, h) =>
              mask[i]?.[h] === true ? step : step.map(() => value),
            ),
          );
        const own = given({ v_t, u_t }, mask);
        const other = given({ v_t: spoilt(v_t), u_t: spoilt(u_t) }, mask);
        const loss = (x: typeof own | { readonly [K in keyof typeof own]: Expr }, v: Expr) =>
          flowMatchingLossRealSteps(v, x.u_t as Expr, x.mask as Expr);
        expect([...numbersOf(other, (x) => loss(x, x.v_t))]).toEqual([...numbersOf(own, (x) => loss(x, x.v_t))]);
        const slope = (at: typeof own) => numbersOf(at, (x) => grad((v: Expr) => reduceSum(loss(x, v)))(x.v_t));
        expect([...slope(other)]).toEqual([...slope(own)]);
      }),
    );
  });

  it('by hand: one of two steps, and a sample that is padding alone', () => {
    const at = {
      v_t: tensor([
        [
          [1, 2],
          [9, 9],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ]),
      u_t: tensor([
        [
          [0, -1],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ]),
    };
    const mask = masks([
      [true, false],
      [false, false],
    ]);
    expect([...numbersOf({ ...at, mask }, (x) => flowMatchingLossRealSteps(x.v_t, x.u_t, x.mask))]).toEqual([5, 0]);
    expect([...numbersOf({ ...at, mask }, (x) => flowMatchingLossRealSteps(x.v_t, x.u_t, x.mask, 1))]).toEqual([1, 0]);
  });

  it('refuses a mask of another type or shape, and velocities of two', () => {
    const wanted = 'mask must be bool[1,1]';
    expect(failure((x) => flowMatchingLossRealSteps(x, x, x))).toContain(wanted);
    expect(failure((x) => flowMatchingLossRealSteps(x, x, reduceSum(x, [2])))).toContain(wanted);
    expect(failure((x) => flowMatchingLossRealSteps(x, x, eq(reduceSum(x, [1, 2]), 0)))).toContain(wanted);
    const mask = (x: Expr): Expr => eq(reduceSum(x, [2]), 0);
    expect(failure((x) => flowMatchingLossRealSteps(x, mask(x), mask(x)))).toContain('v_t and u_t must have one type');
    expect(failure((x) => flowMatchingLossRealSteps(x, x, mask(x), 4))).toContain('give an integer from 1 to 3');
  });
});
