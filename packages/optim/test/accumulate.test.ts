import { ExactTensor } from '@torsor/laws';
import { type Expr, type ExprTree, mean, mul, reduceSum, square, sub, tanh, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulateGradients } from '../src/index.js';
import { computed, failure, numbers } from './trees.js';

type Batch = { readonly x: Expr; readonly y: Expr };
type Params = { readonly w: Expr };

/** A mean over samples, with a further result. */
const loss = ({ w }: Params, { x, y }: Batch) => {
  const prediction = reduceSum(mul(tanh(x), w), [1]);
  return { value: mean(square(sub(prediction, y))), aux: { largest: mean(prediction) } };
};

const number = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);
const tensor = (...shape: readonly number[]): fc.Arbitrary<ExactTensor> => {
  const size = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(number, { minLength: size, maxLength: size })
    .map((numbers) => new ExactTensor(tensorType('f32', shape), Float64Array.from(numbers)));
};

const batches = fc.record({ w: tensor(3), x: tensor(12, 3), y: tensor(12) });

const outputs = (given: { readonly [K in 'w' | 'x' | 'y']: ExactTensor }, count: number): readonly number[] =>
  numbers(
    computed(given, (inputs) => {
      const { w, x, y } = inputs as { readonly [K in 'w' | 'x' | 'y']: Expr };
      const { value, grads, aux } = accumulateGradients(loss, count)({ w }, { x, y });
      return { aux, grads, value } as ExprTree;
    }),
  );

describe('accumulateGradients', () => {
  it.each([2, 3, 12])('in %s micro-batches equals the whole batch', (count) => {
    fc.assert(
      fc.property(batches, (given) => {
        const whole = outputs(given, 1);
        for (const [i, x] of outputs(given, count).entries()) expect(x).toBeCloseTo(whole[i] ?? 0, 10);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a batch that does not divide', () => {
    const refused = failure((p) => {
      const { decoder } = p as { readonly decoder: { readonly kernel: Expr } };
      const x = decoder.kernel;
      return accumulateGradients(
        (q: { w: Expr }, { x }: { x: Expr }) => ({ value: reduceSum(mul(q.w, x)), aux: {} }),
        3,
      )({ w: x }, { x }).grads;
    });
    expect(refused).toContain('its first axis does not divide into 3 equal micro-batches');
  });
});
