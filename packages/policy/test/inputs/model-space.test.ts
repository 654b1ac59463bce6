import {
  applyTransforms,
  type Batch,
  batchDict,
  type Tokenizers,
  type Transform,
  type TransformError,
} from '@torsor/data';
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
import { right } from '../right.js';

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
          adaptToPi: false,
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

describe('by hand', () => {
  const stats = {
    state: { mean: [1, 2], std: [2, 4], q01: [0, 0], q99: [2, 4] },
    actions: { mean: [3, -1], std: [1, 2], q01: [-1, -2], q99: [1, 2] },
  };
  /** A robot at [3, 6] that goes to [4, 1] and then to [5, 3]; its second joint is commanded absolutely. */
  const batch: Batch = {
    ...batchOf(1, 2, 2, [0]),
    state: Float32Array.of(3, 6),
    actions: Float32Array.of(4, 1, 5, 3),
  };
  const space = { stats, deltaActionMask: [true, false], adaptToPi: false, actionDim: 3 };
  const close = (...numbers: number[]) => numbers.map((x) => expect.closeTo(x, 5));

  it('deltas, then normalized by mean and deviation, then padded', () => {
    const { state, actions } = right(toModel({ ...space, normMode: 'mean_std' }, batch));
    expect([...state]).toEqual(close(1, 1, 0));
    // Deltas [1, 1] and [2, 3].
    expect([...actions]).toEqual(close(-2, 1, 0, -1, 2, 0));
  });

  it('or by quantiles', () => {
    const { state, actions } = right(toModel({ ...space, normMode: 'quantile' }, batch));
    expect([...state]).toEqual(close(2, 2, -0));
    expect([...actions]).toEqual(close(1, 0.5, 0, 2, 1.5, 0));
  });

  it('absolute actions stay as they are', () => {
    const { actions } = right(toModel({ ...space, normMode: 'mean_std', deltaActionMask: null }, batch));
    expect([...actions]).toEqual(close(1, 1, 0, 2, 2, 0));
  });

  it('sequences are made between normalizing and padding', () => {
    const sequence: Transform = { kind: 'TokenizePrompt', discreteStateInput: true };
    const seen: (readonly number[])[] = [];
    const tokenizers: Tokenizers = {
      prompt: ({ state }) => {
        seen.push([...(state ?? [])]);
        return E.right({ tokens: new Int32Array(1), tokenMask: new Uint8Array(1), truncated: 0 });
      },
    };
    const transforms = modelInputs({ ...space, normMode: 'mean_std' }, [sequence]);
    right(applyTransforms(transforms, tokenizers)(batchDict(batch)));
    expect(seen).toEqual([close(1, 1)]);
  });

  it('sampled actions are cut, un-normalized and added to the state that they begin at', () => {
    const start = { state: Float32Array.of(3, 6, 0, 0), stateDim: 2, actionDim: 2, actionHorizon: 1 };
    const meanStd: ModelSpace = { ...space, normMode: 'mean_std' };
    const padded = right(recordedActions(meanStd, start, Float32Array.of(-2, 1, 9, 1, 0, 9)));
    // 3 + (−2 · 1 + 3) and 1 · 2 − 1; 0 + (1 · 1 + 3) and 0 · 2 − 1.
    expect([...padded]).toEqual(close(4, 1, 4, -1));
    const own = right(recordedActions(meanStd, start, Float32Array.of(-2, 1, 1, 0)));
    expect([...own]).toEqual(close(4, 1, 4, -1));
    const chunk = { ...start, state: Float32Array.of(3, 6), actionHorizon: 2 };
    const quantile: ModelSpace = { ...space, normMode: 'quantile' };
    expect([...right(recordedActions(quantile, chunk, Float32Array.of(1, 0.5, 9, 2, 1.5, 9)))]).toEqual(
      close(4, 1, 5, 3),
    );
  });

  it('actions narrower than the robot are refused', () => {
    const start = { state: Float32Array.of(3, 6), stateDim: 2, actionDim: 2, actionHorizon: 1 };
    expect(recordedActions({ ...space, normMode: 'mean_std' }, start, Float32Array.of(1))).toMatchObject({
      left: { _tag: 'WrongValue', key: 'actions' },
    });
  });

  it('a batch without states or actions is none of a model', () => {
    const { state, actions } = batchDict(batch);
    expect(modelBatch({ state })).toMatchObject({ left: { _tag: 'MissingKey', key: 'actions' } });
    expect(modelBatch({ actions })).toMatchObject({ left: { _tag: 'MissingKey', key: 'state' } });
  });
});

it('refuses a dataset wider than the model', () => {
  const space = {
    stats: { state: vector(5, [1]), actions: vector(5, [1]) },
    normMode: 'mean_std',
    deltaActionMask: null,
    adaptToPi: false,
    actionDim: 4,
  } as const;
  expect(toModel(space, batchOf(1, 1, 5, [1]))).toMatchObject({
    left: { _tag: 'Refused', error: { _tag: 'ShapeMismatch' } },
  });
});
