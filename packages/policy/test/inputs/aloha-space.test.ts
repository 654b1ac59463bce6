import {
  applyTransforms,
  type DataDict,
  float32At,
  type ModelKind,
  makeBoolMask,
  NdArray,
  type NormStats,
  type PipelineSpec,
  pipelineOf,
  pipelineSpecs,
  servingOutputs,
  type Tokenizers,
  type TransformError,
  trainingInputs,
  type VectorStats,
} from '@torsor/data';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  jointInputs,
  type ModelSpace,
  modelInputs,
  modelOutputs,
  recordedActions,
} from '../../src/inputs/model-space.js';
import { right } from '../right.js';

const list = (length: number, min = -3, max = 3): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: length, maxLength: length });

const vectorStats: fc.Arbitrary<VectorStats> = fc
  .record({ mean: list(14), std: list(14, 0.1, 2) })
  .map(({ mean, std }) => ({
    mean,
    std,
    q01: mean.map((m, i) => m - (std[i] ?? 0)),
    q99: mean.map((m, i) => m + (std[i] ?? 0)),
  }));

const stats: fc.Arbitrary<NormStats> = fc.record({ state: vectorStats, actions: vectorStats });

/** Two windows of three actions of ALOHA. */
const windows = fc.record({ state: list(28), actions: list(84) }).map(({ state, actions }) => ({
  state: new NdArray('float32', [2, 14], Float32Array.from(state)),
  actions: new NdArray('float32', [2, 3, 14], Float32Array.from(actions)),
}));

const kinds: readonly Exclude<ModelKind, 'pi0-fast'>[] = ['pi0', 'pi05'];

const cases = (['aloha', 'aloha_sim'] as const).flatMap((name) => kinds.map((kind) => ({ name, kind })));

const spaceOf = (
  { deltaModels, deltaMask, adaptToPi }: PipelineSpec,
  kind: ModelKind,
  norm: NormStats,
): ModelSpace => ({
  stats: norm,
  normMode: kind === 'pi0' ? 'mean_std' : 'quantile',
  deltaActionMask: deltaModels.includes(kind) ? deltaMask : null,
  adaptToPi,
  actionDim: 32,
});

const tokenizers: Tokenizers = {
  prompt: ({ task, state }) =>
    E.right({ tokens: Int32Array.of(task.length), tokenMask: Uint8Array.of(state === null ? 0 : 1), truncated: 0 }),
};

const numbersAt = (dict: DataDict, key: string): readonly number[] => [...right(float32At(dict, key))];

const black = new NdArray('uint8', [2, 3, 1, 1], new Uint8Array(6));

/** What the dataset of a pipeline has of these windows. */
const recordedAs = (name: 'aloha' | 'aloha_sim', { state, actions }: DataDict): DataDict => {
  const cameras = name === 'aloha' ? ['cam_high', 'cam_left_wrist', 'cam_right_wrist'] : ['top'];
  const seen = Object.fromEntries(cameras.map((camera) => [`observation.images.${camera}`, black]));
  return { ...seen, ...(state && { 'observation.state': state }), ...(actions && { action: actions }) };
};

describe.each(cases)("the road of $name and openpi's pipeline are one for $kind", ({ name, kind }) => {
  const spec: PipelineSpec = { ...pipelineSpecs[name], defaultPrompt: 'uncap the pen' };
  const pipeline = pipelineOf(spec, { kind, actionDim: 32, actionHorizon: 3, imageSize: [1, 1] });
  const sequence = { kind: 'TokenizePrompt', discreteStateInput: kind === 'pi05' } as const;

  it('in states, actions and tokens', () => {
    fc.assert(
      fc.property(windows, stats, (given, norm) => {
        const road = modelInputs(spaceOf(spec, kind, norm), [sequence]);
        const ours = right(applyTransforms(road, tokenizers)({ ...given, prompt: ['uncap the pen', 'uncap the pen'] }));
        const theirs = right(applyTransforms(trainingInputs(pipeline, norm), tokenizers)(recordedAs(name, given)));
        for (const key of ['state', 'actions']) expect(numbersAt(ours, key)).toEqual(numbersAt(theirs, key));
        for (const key of ['tokenized_prompt', 'tokenized_prompt_mask']) expect(ours[key]).toEqual(theirs[key]);
      }),
      { numRuns: 30 },
    );
  });

  it('and on the way back, which undoes it on actions', () => {
    fc.assert(
      fc.property(windows, stats, (given, norm) => {
        const space = spaceOf(spec, kind, norm);
        const made = right(applyTransforms(modelInputs(space, []))(given));
        const { state, actions } = made;
        const start = { state: Float32Array.from(given.state.data), stateDim: 14, actionDim: 14, actionHorizon: 3 };
        const ours = [...right(recordedActions(space, start, right(float32At(made, 'actions'))))];
        const theirs = right(
          applyTransforms(servingOutputs(pipeline, norm))({ ...(state && { state }), ...(actions && { actions }) }),
        );
        expect(ours).toEqual(numbersAt(theirs, 'actions').map((x) => expect.closeTo(x, 4)));
        expect(ours).toEqual([...given.actions.data].map((x) => expect.closeTo(x, 4)));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a space that is not adapted', () => {
  const norm = right(E.right<TransformError, NormStats>(fc.sample(stats, 1)[0] as NormStats));
  const space = spaceOf({ ...pipelineSpecs.aloha, adaptToPi: false }, 'pi0', norm);

  it('keeps the joints of its dataset', () => {
    expect(jointInputs(space)).toEqual([]);
    expect(modelInputs(space, []).map(({ kind }) => kind)).toEqual([
      'DeltaActions',
      'Normalize',
      'PadStatesAndActions',
    ]);
    expect(modelOutputs(space, 14).map(({ kind }) => kind)).toEqual(['SliceActions', 'Unnormalize', 'AbsoluteActions']);
  });
});

it('another robot than ALOHA is refused, there and back', () => {
  const wide: VectorStats = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
  const space: ModelSpace = {
    stats: { state: wide, actions: wide },
    normMode: 'mean_std',
    deltaActionMask: makeBoolMask(2),
    adaptToPi: true,
    actionDim: 4,
  };
  const state = new NdArray('float32', [1, 2], new Float32Array(2));
  expect(applyTransforms(modelInputs(space, []))({ state })).toMatchObject({
    left: { _tag: 'WrongValue', transform: 'AlohaToPi', key: 'state', found: '2 wide' },
  });
  const start = { state: new Float32Array(2), stateDim: 2, actionDim: 2, actionHorizon: 1 };
  expect(recordedActions(space, start, new Float32Array(4))).toMatchObject({
    left: { _tag: 'WrongValue', transform: 'AlohaToPi' },
  });
});
