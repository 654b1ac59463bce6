import { type TensorValue, tensorType, toFloat64 } from '@torsor/tensor';
import { map } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { type BatchInputs, familyOf, observationTensors } from '../../src/index.js';
import { left, right } from '../right.js';
import { tinyModel } from '../tiny.js';

const sizes = { actionDim: 3, actionHorizon: 2, maxTokenLen: 4, imageSize: [1, 2] } as const;

const f32 = (n: number, from: number): Float32Array => Float32Array.from({ length: n }, (_, i) => from + i);

/** Two samples. */
const inputs: BatchInputs = {
  state: f32(6, 0.5),
  tokens: Int32Array.of(2, 7, 8, 0, 2, 9, 0, 0),
  tokenMask: Uint8Array.of(1, 1, 1, 0, 1, 1, 0, 0),
  tokenArMask: Int32Array.of(0, 1, 1, 0, 0, 1, 0, 0),
  tokenLossMask: Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 0),
  truncated: [0, 0],
  images: { a: Uint8Array.of(0, 1, 2, 3, 4, 5, 255, 254, 253, 252, 251, 250) },
  actions: f32(12, 10),
  noise: f32(12, 30),
  time: Float32Array.of(0.25, 0.75),
  actionIsPad: Uint8Array.of(0, 1, 0, 0),
};

const shown = (value: TensorValue): readonly [dtype: string, shape: readonly number[], numbers: readonly number[]] => [
  value.type.dtype,
  value.type.shape,
  [...toFloat64(value)],
];

const observation = {
  state: ['f32', [2, 3], [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]],
  tokenizedPrompt: ['i32', [2, 4], [2, 7, 8, 0, 2, 9, 0, 0]],
  tokenizedPromptMask: ['bool', [2, 4], [1, 1, 1, 0, 1, 1, 0, 0]],
  images: { a: ['i32', [2, 1, 2, 3], [0, 1, 2, 3, 4, 5, 255, 254, 253, 252, 251, 250]] },
  imageMasks: {},
};

const model = (kind: 'pi0' | 'pi05' | 'pi0-fast', more: object = {}) => {
  const settings = tinyModel(kind, { maxTokenLen: 4, imageSize: [1, 2], siglip: 'mu/1', cameras: ['a'], ...more });
  return familyOf(settings).modelOf(settings, 140);
};

describe('a batch as tensors', () => {
  it('what a policy sees', () => {
    expect(map(right(observationTensors(inputs, 2, sizes)), shown)).toEqual(observation);
    expect(right(observationTensors({ ...inputs, images: {} }, 2, sizes)).images).toEqual({});
  });

  it.each(['pi0', 'pi05'] as const)('%s: actions, noise and time beside it', (kind) => {
    expect(map(right(model(kind).batchTensors(inputs, 2)), shown)).toEqual({
      observation,
      actions: ['f32', [2, 2, 3], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]],
      noise: ['f32', [2, 2, 3], [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41]],
      time: ['f32', [2], [0.25, 0.75]],
    });
  });

  it.each(['pi0', 'pi05'] as const)('%s: which steps are real, where padded ones are left out', (kind) => {
    const { isReal, ...rest } = Object(right(model(kind, { maskPadding: true }).batchTensors(inputs, 2)));
    expect(shown(isReal)).toEqual(['bool', [2, 2], [1, 0, 1, 1]]);
    expect(rest).toEqual(right(model(kind).batchTensors(inputs, 2)));
    expect(
      left(model(kind, { maskPadding: true }).batchTensors({ ...inputs, actionIsPad: new Uint8Array(3) }, 2)),
    ).toBeDefined();
  });

  it('π0-FAST: masks in it', () => {
    expect(map(right(model('pi0-fast').batchTensors(inputs, 2)), shown)).toEqual({
      observation: {
        ...observation,
        tokenArMask: ['i32', [2, 4], [0, 1, 1, 0, 0, 1, 0, 0]],
        tokenLossMask: ['bool', [2, 4], [0, 0, 1, 0, 0, 1, 0, 0]],
      },
    });
  });

  it.each(['pi0', 'pi05', 'pi0-fast'] as const)('%s: and what varies the pictures, where they are varied', (kind) => {
    const augmentation = { geometry: {}, jitter: {} } as NonNullable<BatchInputs['augmentation']>;
    const plain = right(model(kind).batchTensors(inputs, 2));
    expect(right(model(kind).batchTensors({ ...inputs, augmentation }, 2))).toEqual({ ...plain, augmentation });
    expect('augmentation' in plain).toBe(false);
  });
});

describe('an array of another size is refused, by the type that it should fill', () => {
  it.each([
    ['state', { state: f32(5, 0) }, tensorType('f32', [2, 3])],
    ['tokens', { tokens: new Int32Array(7) }, tensorType('i32', [2, 4])],
    ['tokenMask', { tokenMask: new Uint8Array(7) }, tensorType('bool', [2, 4])],
    ['images', { images: { a: new Uint8Array(11) } }, tensorType('i32', [2, 1, 2, 3])],
  ])('%s', (_, more, type) => {
    expect(left(observationTensors({ ...inputs, ...more }, 2, sizes))).toMatchObject({ _tag: 'ValueError', type });
    for (const kind of ['pi0', 'pi05', 'pi0-fast'] as const) {
      expect(left(model(kind).batchTensors({ ...inputs, ...more }, 2))).toMatchObject({ _tag: 'ValueError', type });
    }
  });

  it.each([
    ['pi0', { actions: f32(11, 0) }, tensorType('f32', [2, 2, 3])],
    ['pi05', { noise: f32(11, 0) }, tensorType('f32', [2, 2, 3])],
    ['pi0', { time: f32(1, 0) }, tensorType('f32', [2])],
    ['pi0-fast', { tokenArMask: new Int32Array(7) }, tensorType('i32', [2, 4])],
    ['pi0-fast', { tokenLossMask: new Uint8Array(7) }, tensorType('bool', [2, 4])],
  ] as const)('%s %#', (kind, more, type) => {
    expect(left(model(kind).batchTensors({ ...inputs, ...more }, 2))).toMatchObject({ _tag: 'ValueError', type });
  });
});
