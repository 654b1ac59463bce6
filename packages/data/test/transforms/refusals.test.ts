import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  NdArray,
  ndArray,
  type SampleDict,
  type SampleValue,
  showTransformError,
  type Transform,
  transformSample,
} from '../../src/index.js';

const message = (transform: Transform, dict: SampleDict): string =>
  E.match(showTransformError, () => 'accepted')(transformSample([transform])(dict));

const state = new NdArray('float32', [14], new Float32Array(14));
const picture = new NdArray('uint8', [3, 2, 2], new Uint8Array(12));
const aloha: Transform = { kind: 'AlohaInputs', adaptToPi: true };
const libero: Transform = { kind: 'LiberoInputs', model: 'pi0' };
const real = (value: number) => new NdArray('float32', [3, 2, 2], new Float32Array(12).fill(value));

const keys = [
  'state',
  'actions',
  'images',
  'image',
  'cam_high',
  'prompt',
  'task_index',
  'observation/state',
  '__proto__',
];

const array: fc.Arbitrary<NdArray> = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    fc.constantFrom('uint8', 'bool', 'int32', 'float64'),
  )
  .map(([shape, dtype]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    if (dtype === 'int32') return new NdArray(dtype, shape, new Int32Array(length));
    return dtype === 'float64'
      ? new NdArray(dtype, shape, new Float64Array(length).fill(Number.NaN))
      : new NdArray(dtype === 'bool' ? 'bool' : 'uint8', shape, new Uint8Array(length));
  });

const { anything } = fc.letrec<{ anything: SampleValue; dict: SampleDict }>((tie) => ({
  anything: fc.oneof({ depthSize: 'small' }, array, fc.string(), tie('dict')),
  dict: fc.dictionary(fc.constantFrom(...keys), tie('anything')),
}));

const vector = { mean: [0, 0], std: [1, 1], q01: null, q99: null };
const norm = { state: vector, actions: vector };
const every: readonly Transform[] = [
  { kind: 'RepackTransform', structure: { a: 'images/cam_high', b: { c: 'state' } } },
  { kind: 'InjectDefaultPrompt', prompt: 'go' },
  { kind: 'PromptFromLeRobotTask', tasks: { 0: 'go' } },
  aloha,
  { kind: 'AlohaOutputs', adaptToPi: true },
  libero,
  { kind: 'LiberoOutputs' },
  { kind: 'DroidInputs', model: 'pi0-fast' },
  { kind: 'DroidOutputs' },
  { kind: 'DeltaActions', mask: [true, false] },
  { kind: 'AbsoluteActions', mask: [true] },
  { kind: 'SubsampleActions', stride: 2 },
  { kind: 'Normalize', stats: norm, mode: 'quantile' },
  { kind: 'Unnormalize', stats: norm, mode: 'mean_std' },
  { kind: 'ResizeImages', height: 2, width: 3 },
  { kind: 'TokenizePrompt', discreteStateInput: true },
  { kind: 'TokenizeFASTInputs' },
  { kind: 'ExtractFASTActions', actionHorizon: 1, actionDim: 1 },
  { kind: 'PadStatesAndActions', modelActionDim: 3 },
];

describe('what is refused', () => {
  it('is refused by a sentence, and never by an exception', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anything), fc.constantFrom(...every), (dict, transform) => {
        expect(message(transform, dict)).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('a missing key, with the nearest there is', () => {
    const dict = { 'observation/image': picture, 'observation/wrist_imgae': picture, 'observation/state': state };
    expect(message(libero, dict)).toBe(
      'LiberoInputs: no observation/wrist_image; did you mean observation/wrist_imgae? The sample has: ' +
        'observation/image, observation/wrist_imgae, observation/state.',
    );
  });

  it('a missing key that resembles none', () => {
    expect(message(libero, { prompt: 'go' })).toBe('LiberoInputs: no observation/state. The sample has: prompt.');
  });

  it('an unknown camera, with the nearest known', () => {
    expect(message(aloha, { images: { cam_high: picture, cam_left_wirst: picture }, state })).toBe(
      'AlohaInputs: camera cam_left_wirst is not one of cam_high, cam_low, cam_left_wrist, cam_right_wrist; ' +
        'did you mean cam_left_wrist?',
    );
  });

  it('a picture of another shape or dtype', () => {
    const last = new NdArray('uint8', [2, 2, 3], new Uint8Array(12));
    expect(message(aloha, { images: { cam_high: last }, state })).toBe(
      'AlohaInputs: images.cam_high should be a picture [3, h, w], but it is uint8[2, 2, 3].',
    );
    const whole = new NdArray('int32', [3, 2, 2], new Int32Array(12));
    expect(message(aloha, { images: { cam_high: whole }, state })).toBe(
      'AlohaInputs: images.cam_high should be bytes, or real numbers in [0, 1], but it is int32[3, 2, 2].',
    );
    const grey = new NdArray('uint8', [2, 2, 1], new Uint8Array(4));
    expect(message({ kind: 'ResizeImages', height: 2, width: 2 }, { image: { base_0_rgb: grey } })).toBe(
      'ResizeImages: image.base_0_rgb should be bytes [h, w, 3], but it is uint8[2, 2, 1].',
    );
  });

  it.each([1.5, -0.25, Number.NaN, Number.POSITIVE_INFINITY])('a picture of real numbers that holds %s', (value) => {
    expect(message(aloha, { images: { cam_high: real(value) }, state })).toBe(
      `AlohaInputs: images.cam_high holds ${value} at element 0; a picture of real numbers lies in [0, 1]. ` +
        'Divide by 255, or give bytes.',
    );
  });

  it('a robot of another width', () => {
    const narrow = new NdArray('float32', [7], new Float32Array(7));
    expect(message(aloha, { images: { cam_high: real(0.5) }, state: narrow })).toBe(
      'AlohaInputs: state should be 14 wide: two arms of six joints and a gripper, but it is 7 wide.',
    );
  });

  it('a state wider than the model', () => {
    expect(message({ kind: 'PadStatesAndActions', modelActionDim: 8 }, { state })).toBe(
      "PadStatesAndActions, state: A vector should be at most the model's 8 dimensions; choose a larger action dimension, " +
        'but it is 14 dimensions.',
    );
  });

  it('a picture so thin that nothing would be left', () => {
    const thin = new NdArray('uint8', [9, 1, 3], new Uint8Array(27));
    expect(message({ kind: 'ResizeImages', height: 3, width: 3 }, { image: { base_0_rgb: thin } })).toBe(
      'ResizeImages: image.base_0_rgb should be of proportions that leave a pixel in 3x3, but it is uint8[9, 1, 3].',
    );
  });

  it('a sample without a prompt, a tokenizer that is not given, a task without text', () => {
    const tokenize: Transform = { kind: 'TokenizePrompt', discreteStateInput: false };
    const prompt = () => E.left('no');
    expect(E.mapLeft(showTransformError)(transformSample([tokenize], { prompt })({ state }))).toEqual(
      E.left('TokenizePrompt: no prompt. Give one with each sample, or a default prompt. The sample has: state.'),
    );
    expect(E.mapLeft(showTransformError)(transformSample([tokenize], { prompt })({ prompt: 'go' }))).toEqual(
      E.left('TokenizePrompt: no'),
    );
    expect(message(tokenize, { prompt: 'go' })).toBe(
      'TokenizePrompt needs the prompt tokenizer; give it to applyTransforms.',
    );
    const taskIndex = new NdArray('int32', [], Int32Array.of(2));
    expect(message({ kind: 'PromptFromLeRobotTask', tasks: { 0: 'go' } }, { task_index: taskIndex })).toBe(
      "task_index 2 has no text; the dataset's tasks are 0.",
    );
  });

  it('elements that do not fill a shape, or are of another kind', () => {
    const made = (dtype: NdArray['dtype'], shape: readonly number[], data: NdArray['data']) =>
      E.match(showTransformError, () => 'accepted')(ndArray(dtype, shape, data));
    expect(made('uint8', [2], new Uint8Array(2))).toBe('accepted');
    expect(made('uint8', [3], new Uint8Array(2))).toBe(
      'ndArray: data should be 3 elements of uint8, but it is 2 elements of Uint8Array.',
    );
    expect(made('float32', [2], new Float64Array(2))).toContain('elements of Float64Array');
    expect(made('bool', [1], Uint8Array.of(2))).toContain('1 elements of bool');
    expect(made('bool', [2], Uint8Array.of(0, 1))).toBe('accepted');
    expect(made('bool', [3], Uint8Array.of(1, 2, 0))).toContain('3 elements of bool');
    expect(made('bool', [1], Int32Array.of(1))).toContain('elements of Int32Array');
    expect(made('int32', [2, 1], Int32Array.of(1, 2))).toBe('accepted');
    expect(made('int32', [1], Uint8Array.of(1))).toContain('elements of Uint8Array');
    expect(made('float64', [], Float64Array.of(1))).toBe('accepted');
    expect(made('float64', [1], Float32Array.of(1))).toContain('elements of Float32Array');
    expect(made('float32', [1], Float32Array.of(1))).toBe('accepted');
    expect(made('uint8', [1], Float32Array.of(1))).toContain('elements of Float32Array');
  });
});
