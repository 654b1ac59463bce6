import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { type EvaluationError, type RecordedChunks, showEvaluationError } from '../src/index.js';

const value = fc.double({ min: -100, max: 100, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 : x));

const values = (length: number): fc.Arbitrary<number[]> => fc.array(value, { minLength: length, maxLength: length });

/** Recorded chunks with at least one step that is not padding, and several predictions for them. */
export const scored: fc.Arbitrary<{ recorded: RecordedChunks; predictions: readonly number[][] }> = fc
  .record({
    n: fc.integer({ min: 1, max: 4 }),
    horizon: fc.integer({ min: 1, max: 5 }),
    ad: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ n, horizon, ad }) =>
    fc.record({
      recorded: fc.record({
        n: fc.constant(n),
        horizon: fc.constant(horizon),
        names: fc.constant(['hip', 'knee', 'ankle'].slice(0, ad)),
        actions: values(n * horizon * ad),
        isPad: fc
          .array(fc.nat({ max: 1 }), { minLength: n * horizon, maxLength: n * horizon })
          .map((pads) => [0, ...pads.slice(1)]),
      }),
      predictions: fc.array(values(n * horizon * ad), { minLength: 1, maxLength: 4 }),
    }),
  );

export const right = <A>(result: E.Either<EvaluationError, A>): A => {
  if (E.isLeft(result)) throw new Error(showEvaluationError(result.left));
  return result.right;
};

export const refusal = <A>(result: E.Either<EvaluationError, A>): string =>
  E.isLeft(result) ? `${result.left._tag}: ${showEvaluationError(result.left)}` : 'accepted';
