import { applyTransforms, type Batch, batchDict, type TransformError } from '@torsor/data';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, it } from 'vitest';
import {
  type ModelBatch,
  type ModelSpace,
  modelBatch,
  modelInputs,
  recordedActions,
} from '../../src/inputs/model-space.js';

const toModel = (space: ModelSpace, batch: Batch): E.Either<TransformError, ModelBatch> =>
  pipe(batchDict(batch), applyTransforms(modelInputs(space, [])), E.flatMap(modelBatch));

const value = fc.double({ min: -3, max: 3, noNaN: true });

const batchOf = (b: number, ah: number, n: number, values: readonly number[]): Batch => ({
  size: b,
  stateDim: n,
  actionDim: n,
  actionHorizon: ah,
  state: Float32Array.from({ length: b * n }, (_, i) => values[i % values.length] ?? 0),
  actions: Float32Array.from({ length: b * ah * n }, (_, i) => values[(7 * i + 3) % values.length] ?? 0),
  actionIsPad: new Uint8Array(b * ah),
  prompts: new Array<string>(b).fill('go'),
  episodeIndex: new Int32Array(b),
  frameIndex: new Int32Array(b),
});

const vector = (n: number, values: readonly number[]) => ({
  mean: Array.from({ length: n }, (_, i) => values[i % values.length] ?? 0),
  std: Array.from({ length: n }, (_, i) => 0.5 + Math.abs(values[(i + 1) % values.length] ?? 0)),
  q01: Array.from({ length: n }, () => -2),
  q99: Array.from({ length: n }, (_, i) => 1 + (i % 3)),
});

const cases = fc.record({
  b: fc.integer({ min: 1, max: 3 }),
  ah: fc.integer({ min: 1, max: 4 }),
  n: fc.integer({ min: 1, max: 5 }),
  extra: fc.integer({ min: 0, max: 3 }),
  values: fc.array(value, { minLength: 5, maxLength: 20 }),
  mask: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  normMode: fc.constantFrom('mean_std', 'quantile'),
});

describe('laws', () => {
  it('modelOutputs undoes modelInputs, and padding is zero', () => {
    fc.assert(
      fc.property(cases, ({ b, ah, n, extra, values, mask, normMode }) => {
        const batch = batchOf(b, ah, n, values);
        const space: ModelSpace = {
          stats: { state: vector(n, values), actions: vector(n, values) },
          normMode,
          deltaActionMask: mask.slice(0, n),
          actionDim: n + extra,
        };
        const model = toModel(space, batch);
        if (E.isLeft(model)) throw new Error(JSON.stringify(model.left));
        expect([model.right.state.length, model.right.actions.length]).toEqual([b * (n + extra), b * ah * (n + extra)]);
        expect(model.right.actions.every((x, i) => i % (n + extra) < n || x === 0)).toBe(true);
        const back = recordedActions(space, batch, model.right.actions);
        const error = E.isRight(back) ? back.right.map((x, i) => Math.abs(x - (batch.actions[i] ?? 0))) : [1];
        // Values are below 16 and divisors at least 0.5: a few float32 roundings of 16.
        expect(Math.max(...error)).toBeLessThan(1e-5);
      }),
    );
  });
});

it('refuses a dataset wider than the model', () => {
  const space = {
    stats: { state: vector(5, [1]), actions: vector(5, [1]) },
    normMode: 'mean_std',
    deltaActionMask: null,
    actionDim: 4,
  } as const;
  expect(toModel(space, batchOf(1, 1, 5, [1]))).toMatchObject({
    left: { _tag: 'Refused', error: { _tag: 'ShapeMismatch' } },
  });
});
