import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  applyTransforms,
  type DataDict,
  NdArray,
  showTransformError,
  type Tokenizers,
  type Transform,
} from '../../src/index.js';
import { stubTokenizers } from './batches.js';

// What each transform refuses of a batch of two, word for word: the sentences name what one sample has.

const f32 = (...shape: readonly number[]): NdArray =>
  new NdArray('float32', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
const u8 = (...shape: readonly number[]): NdArray =>
  new NdArray('uint8', shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)));
const ints = (...data: readonly number[]): NdArray => new NdArray('int32', [data.length], Int32Array.from(data));

const message = (transform: Transform, batch: DataDict, tokenizers: Tokenizers = stubTokenizers): string =>
  E.match(showTransformError, () => 'accepted')(applyTransforms([transform], tokenizers)(batch));

const texts: readonly string[] = ['go', 'stop'];
const state = f32(2, 14);
const images = { cam_high: u8(2, 3, 1, 2) };
const aloha: Transform = { kind: 'AlohaInputs', adaptToPi: true };
const asItIs: Transform = { kind: 'AlohaInputs', adaptToPi: false };
const libero: Transform = { kind: 'LiberoInputs', model: 'pi0' };
const droid: Transform = { kind: 'DroidInputs', model: 'pi0' };
const seen = { 'observation/image': u8(2, 1, 2, 3), 'observation/wrist_image': u8(2, 1, 2, 3) };
const arm = { ...seen, 'observation/state': f32(2, 8) };
const robot = {
  'observation/exterior_image_1_left': u8(2, 1, 2, 3),
  'observation/wrist_image_left': u8(2, 1, 2, 3),
  'observation/joint_position': f32(2, 7),
  'observation/gripper_position': f32(2),
};
const vector = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
const stats = { state: vector, actions: vector };
const pair = { state: f32(2, 2), actions: f32(2, 3, 2) };

const refused: readonly (readonly [Transform, DataDict, string])[] = [
  [aloha, { state }, 'AlohaInputs: no images. The sample has: state.'],
  [aloha, { images: f32(2, 1), state }, 'AlohaInputs: images should be a record, but it is float32[1].'],
  [aloha, { images: texts, state }, 'AlohaInputs: images should be a record, but it is text.'],
  [aloha, { images: {}, state }, 'AlohaInputs: no cam_high. The sample has: .'],
  [aloha, { images: { cam_high: texts }, state }, 'AlohaInputs: cam_high should be an array, but it is text.'],
  [aloha, { images: { cam_high: {} }, state }, 'AlohaInputs: cam_high should be an array, but it is a record.'],
  [
    aloha,
    { images: { ...images, cam_right_wrist: u8(2, 1, 2, 3) }, state },
    'AlohaInputs: images.cam_right_wrist should be a picture [3, h, w], but it is uint8[1, 2, 3].',
  ],
  [
    aloha,
    { images: { cam_high: u8(2, 3, 0, 2) }, state },
    'AlohaInputs: images.cam_high should be a picture [3, h, w], but it is uint8[3, 0, 2].',
  ],
  [
    aloha,
    { images: { cam_high: u8(2, 3, 2) }, state },
    'AlohaInputs: images.cam_high should be a picture [3, h, w], but it is uint8[3, 2].',
  ],
  [
    aloha,
    { images: { cam_high: new NdArray('float32', [2, 3, 1, 1], Float32Array.of(0, 0, 0, 0, 2, 0)) }, state },
    'AlohaInputs: images.cam_high holds 2 at element 1 of sample 1; a picture of real numbers lies in [0, 1]. ' +
      'Divide by 255, or give bytes.',
  ],
  [
    aloha,
    { images, state, actions: f32(2, 3, 7) },
    'AlohaInputs: actions should be 14 wide: two arms of six joints and a gripper, but it is 7 wide.',
  ],
  [
    aloha,
    { images, state: f32(2, 1, 14) },
    'AlohaInputs: state should be real numbers with 1 axis, but it is float32[1, 14].',
  ],
  [
    aloha,
    { images, state, actions: f32(2, 14) },
    'AlohaInputs: actions should be real numbers with 2 axes, but it is float32[14].',
  ],
  [aloha, { images, state, prompt: ints(1, 2) }, 'AlohaInputs: prompt should be text, but it is int32[].'],
  [asItIs, { images, state: f32(2, 7), actions: f32(2, 3, 6) }, 'accepted'],
  [
    { kind: 'AlohaOutputs', adaptToPi: false },
    { actions: f32(2, 3, 13) },
    'AlohaOutputs: actions should be at least 14 wide, but it is 13 wide.',
  ],
  [
    libero,
    { ...arm, 'observation/image': u8(2, 1, 2, 4) },
    'LiberoInputs: observation/image should be a picture [h, w, 3] or [3, h, w], but it is uint8[1, 2, 4].',
  ],
  [
    libero,
    { ...arm, 'observation/image': u8(2, 1, 2, 3, 1) },
    'LiberoInputs: observation/image should be a picture [h, w, 3] or [3, h, w], but it is uint8[1, 2, 3, 1].',
  ],
  [
    libero,
    { ...arm, 'observation/image': u8(2, 3, 1, 2, 1) },
    'LiberoInputs: observation/image should be a picture [h, w, 3] or [3, h, w], but it is uint8[3, 1, 2, 1].',
  ],
  [
    libero,
    { ...arm, 'observation/image': new NdArray('bool', [2, 1, 1, 3], new Uint8Array(6)) },
    'LiberoInputs: observation/image should be bytes, or real numbers in [0, 1], but it is bool[1, 1, 3].',
  ],
  [libero, { ...arm, prompt: {} }, 'LiberoInputs: prompt should be text, but it is a record.'],
  [
    libero,
    { ...arm, actions: ints(1, 2) },
    'LiberoInputs: actions should be real numbers with 2 axes, but it is int32[].',
  ],
  [
    { kind: 'LiberoOutputs' },
    { actions: f32(2, 3, 6) },
    'LiberoOutputs: actions should be at least 7 wide, but it is 6 wide.',
  ],
  [
    { kind: 'DroidOutputs' },
    { actions: f32(2, 3, 7) },
    'DroidOutputs: actions should be at least 8 wide, but it is 7 wide.',
  ],
  [{ kind: 'DroidOutputs' }, { state }, 'DroidOutputs: no actions. The sample has: state.'],
  [
    droid,
    { ...robot, 'observation/gripper_position': f32(2, 2) },
    'DroidInputs: observation/gripper_position should be one real number, but it is float32[2].',
  ],
  [
    droid,
    { ...robot, 'observation/gripper_position': ints(1, 2) },
    'DroidInputs: observation/gripper_position should be real numbers with 1 axis, but it is int32[1].',
  ],
  [
    { kind: 'PromptFromLeRobotTask', tasks: { 0: 'a' } },
    { task_index: f32(2, 2) },
    'PromptFromLeRobotTask: task_index should be one whole number, but it is float32[2].',
  ],
  [
    { kind: 'PromptFromLeRobotTask', tasks: { 0: 'a' } },
    { task_index: new NdArray('float32', [2], Float32Array.of(0, 0.5)) },
    'PromptFromLeRobotTask: task_index should be one whole number, but it is float32[].',
  ],
  [
    { kind: 'PromptFromLeRobotTask', tasks: { 0: 'a', 2: 'c' } },
    { task_index: ints(2, 1) },
    "task_index 1 has no text; the dataset's tasks are 0, 2.",
  ],
  [
    { kind: 'RepackTransform', structure: { a: { b: 'x/y' } } },
    { x: { z: state } },
    'RepackTransform: no x/y; did you mean x/z? The sample has: x/z.',
  ],
  [
    { kind: 'ResizeImages', height: 1, width: 1 },
    { image: { base: f32(2, 1, 1, 3) } },
    'ResizeImages: image.base should be bytes [h, w, 3], but it is float32[1, 1, 3].',
  ],
  [
    { kind: 'ResizeImages', height: 1, width: 1 },
    { image: { base: new NdArray('bool', [2, 1, 1, 3], new Uint8Array(6)) } },
    'ResizeImages: image.base should be bytes [h, w, 3], but it is bool[1, 1, 3].',
  ],
  [
    { kind: 'ResizeImages', height: 1, width: 1 },
    { image: { base: u8(2, 0, 1, 3) } },
    'ResizeImages: image.base should be bytes [h, w, 3], but it is uint8[0, 1, 3].',
  ],
  [
    { kind: 'ResizeImages', height: 1, width: 1 },
    { image: { base: u8(2, 1, 3) } },
    'ResizeImages: image.base should be bytes [h, w, 3], but it is uint8[1, 3].',
  ],
  [{ kind: 'ResizeImages', height: 1, width: 1 }, { state }, 'ResizeImages: no image. The sample has: state.'],
  [
    { kind: 'DeltaActions', mask: [true, true, true] },
    pair,
    'DeltaActions, actions: The mask of delta actions should be at most 2 long (state 2, action 2), but it is 3 long.',
  ],
  [
    { kind: 'AbsoluteActions', mask: [true] },
    { actions: pair.actions },
    'AbsoluteActions: no state. The sample has: actions.',
  ],
  [
    { kind: 'SubsampleActions', stride: 1.5 },
    pair,
    'SubsampleActions, actions: The stride of actions should be a whole number, 1 or more, but it is 1.5.',
  ],
  [{ kind: 'SliceActions', actionDim: 3 }, pair, 'SliceActions: actions should be at least 3 wide, but it is 2 wide.'],
  [
    { kind: 'Normalize', stats, mode: 'quantile' },
    pair,
    'Normalize, state: The statistics of this dataset have no q01 and q99, which quantile normalization needs. ' +
      'Compute them, or use mean_std.',
  ],
  [
    { kind: 'Normalize', stats, mode: 'mean_std' },
    { ...pair, actions: f32(2, 3, 4) },
    'Normalize, actions: A vector to normalize should be at most 2 wide, as the statistics are, but it is 4 dimensions.',
  ],
  [
    { kind: 'Unnormalize', stats, mode: 'mean_std' },
    { state: pair.state },
    'Unnormalize: no actions. The sample has: state.',
  ],
  [
    { kind: 'Unnormalize', stats, mode: 'mean_std' },
    { ...pair, state: f32(2, 1) },
    'Unnormalize, state: A vector to normalize should be at least 2 wide, as the statistics are, but it is 1 dimensions.',
  ],
  [
    { kind: 'PadStatesAndActions', modelActionDim: 2 },
    { ...pair, actions: f32(2, 3, 4) },
    "PadStatesAndActions, actions: A vector should be at most the model's 2 dimensions; choose a larger action dimension, " +
      'but it is 4 dimensions.',
  ],
  [
    { kind: 'TokenizePrompt', discreteStateInput: true },
    { prompt: texts },
    'TokenizePrompt: no state. The sample has: prompt.',
  ],
  [{ kind: 'TokenizePrompt', discreteStateInput: false }, { prompt: texts }, 'accepted'],
  [
    { kind: 'TokenizeFASTInputs' },
    { state: pair.state },
    'TokenizeFASTInputs: no prompt. Give one with each sample, or a default prompt. The sample has: state.',
  ],
  [
    { kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 1 },
    { actions: f32(2, 3, 1) },
    'ExtractFASTActions: actions should be whole numbers [l], tokens, but it is float32[3, 1].',
  ],
  [
    { kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 1 },
    { actions: new NdArray('float32', [2, 1], Float32Array.of(1, 0.5)) },
    'ExtractFASTActions: actions should be whole numbers [l], tokens, but it is float32[1].',
  ],
];

describe('a batch', () => {
  it.each(refused.map(([transform, batch, words]) => ({ kind: transform.kind, transform, batch, words })))(
    '$kind: $words',
    ({ transform, batch, words }) => {
      expect(message(transform, batch)).toBe(words);
    },
  );

  it.each([
    ['prompt', { kind: 'TokenizePrompt', discreteStateInput: false }, { prompt: texts }],
    ['fast', { kind: 'TokenizeFASTInputs' }, { ...pair, prompt: texts }],
    ['extractActions', { kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 1 }, { actions: f32(2, 1) }],
  ] as const)('needs the %s tokenizer, and hands on what it refuses', (name, transform, batch) => {
    expect(message(transform, batch, {})).toBe(
      `${transform.kind} needs the ${name} tokenizer; give it to applyTransforms.`,
    );
    expect(message(transform, batch, { [name]: () => E.left('because') })).toBe(`${transform.kind}: because`);
  });

  it('needs sequences, and chunks, of one length', () => {
    const tokens = (l: number) => ({ tokens: new Int32Array(l), tokenMask: new Uint8Array(l), truncated: 0 });
    const tokenizers: Tokenizers = {
      prompt: ({ task }) => E.right(tokens(task.length)),
      extractActions: ([length = 0]) => E.right({ shape: [1, length], data: new Float32Array(length) }),
    };
    expect(message({ kind: 'TokenizePrompt', discreteStateInput: false }, { prompt: texts }, tokenizers)).toBe(
      'TokenizePrompt: sample 0 gives 2 tokens, sample 1 4 tokens',
    );
    const drawn = { actions: new NdArray('int32', [2, 1], Int32Array.of(3, 2)) };
    expect(message({ kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 3 }, drawn, tokenizers)).toBe(
      'ExtractFASTActions: sample 0 gives a chunk [1, 3], sample 1 a chunk [1, 2]',
    );
  });
});

describe('what a robot at work gives', () => {
  const keysOf = (transform: Transform, batch: DataDict): readonly string[] => {
    const out = applyTransforms([transform], stubTokenizers)(batch);
    return E.isLeft(out) ? [showTransformError(out.left)] : Object.keys(out.right).toSorted();
  };

  it('has neither actions nor prompt afterwards', () => {
    expect(keysOf(aloha, { images, state })).toEqual(['image', 'image_mask', 'state']);
    expect(keysOf(libero, arm)).toEqual(['image', 'image_mask', 'state']);
    expect(keysOf(droid, robot)).toEqual(['image', 'image_mask', 'state']);
    expect(keysOf({ kind: 'DeltaActions', mask: [true] }, { state })).toEqual(['state']);
    expect(keysOf({ kind: 'Normalize', stats, mode: 'mean_std' }, { state: pair.state })).toEqual(['state']);
    expect(keysOf({ kind: 'PadStatesAndActions', modelActionDim: 20 }, { state })).toEqual(['state']);
    expect(keysOf({ kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 1 }, { state })).toEqual(['state']);
  });

  it('keeps both where they are given', () => {
    const more = { actions: f32(2, 3, 14), prompt: texts };
    const all = ['actions', 'image', 'image_mask', 'prompt', 'state'];
    expect(keysOf(aloha, { images, state, ...more })).toEqual(all);
    expect(keysOf(libero, { ...arm, ...more })).toEqual(all);
    expect(keysOf(droid, { ...robot, ...more })).toEqual(all);
  });

  it('is in float64 as soon as one of joints and gripper is', () => {
    const wide = { 'observation/gripper_position': new NdArray('float64', [2], Float64Array.of(0.1, 0.2)) };
    const out = applyTransforms([droid])({ ...robot, ...wide });
    expect(E.isRight(out) && out.right['state']).toEqual(
      new NdArray('float64', [2, 8], Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0.2)),
    );
  });
});
