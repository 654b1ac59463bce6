import { applyTransforms, type DataDict, NdArray } from '@torsor/data';
import {
  augmentationInputs,
  augmentImages,
  type CameraImages,
  type Observation,
  observationTypes,
  type Pi0Batch,
  pi0Config,
  pi05Config,
  predictFlow,
  siglipVariant,
  so400m14,
} from '@torsor/models';
import { foldIn, key, normal, randint } from '@torsor/random';
import {
  abs,
  type Expr,
  evaluate,
  fromFloat64,
  program,
  reduceMax,
  sizeOf,
  sub,
  type TensorType,
  type TensorValue,
  tensorType,
  toFloat64,
} from '@torsor/tensor';
import { map, type Tree, type TreeNode } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { flowModel } from '../../src/families/flow.js';
import { observe, sentTypes, variedTypes, withBlack } from '../../src/inputs/observation.js';
import { type Pictures, picturesOf, withoutAbsent } from '../../src/inputs/pictures.js';
import { right } from '../right.js';

/** openpi's π0 and π0.5 at a size that is computed in a moment, with two cameras. */
const configs = { pi0: pi0Config, pi05: pi05Config } as const;

const sizes = {
  paligemma: { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 },
  actionExpert: { width: 16, depth: 2, mlpDim: 32, numHeads: 2, numKvHeads: 1, headDim: 8 },
  cameras: ['a', 'b_wrist'],
  imageSize: [16, 16] as const,
  siglip: E.getOrElse(() => so400m14)(siglipVariant('mu/16')),
  actionHorizon: 2,
  actionDim: 3,
  maxTokenLen: 4,
  vocabSize: 7,
} as const;

const drawn = <T extends Tree<TensorType>>(types: T, seed: number): Tree<TensorValue> => {
  let i = 0;
  return map<TensorType, TensorValue>(types, (type, path) => {
    const k = foldIn(key(seed), i++);
    const n = sizeOf(type.shape);
    if (path.includes('images/')) return fromFloat64(type, randint(k, n, 0, 256));
    if (type.dtype === 'f32')
      return fromFloat64(
        type,
        [...normal(k, n)].map((x) => 0.2 * x),
      );
    return fromFloat64(type, randint(k, n, 0, 2));
  });
};

describe('an absent camera', () => {
  it.each(['pi0', 'pi05'] as const)('changes nothing in %s: as openpi, which shows black behind a mask', (kind) => {
    const config = { ...configs[kind], ...sizes };
    const model = flowModel(kind, config);
    const data = { cameras: { a: null, b_wrist: 'x' }, augment: false, jitter: 'full' } as const;
    const pictures = picturesOf({ model: config, data });
    const types: { readonly params: Tree<TensorType>; readonly batch: TreeNode<TensorType> } = {
      params: model.paramTypes,
      batch: model.batchTypes(pictures, 2),
    };
    const made = right(
      program(types, ({ params, batch }) => {
        // The types are those of a batch.
        const sent = batch as unknown as Pi0Batch;
        const observation = observe(pictures, sent.observation);
        const left = predictFlow(withoutAbsent(config, pictures), params, { ...sent, observation });
        const black = predictFlow(config, params, { ...sent, observation: withBlack(pictures, observation) });
        return { off: reduceMax(abs(sub(left.v_t, black.v_t)), [0, 1, 2]), size: reduceMax(abs(black.v_t), [0, 1, 2]) };
      }),
    );
    // A tree of the structure of the types.
    const { off, size } = right(evaluate(made, drawn(types, 3) as never));
    expect(toFloat64(size)[0]).toBeGreaterThan(0.01);
    expect(Number(toFloat64(off)[0]) / Number(toFloat64(size)[0])).toBeLessThan(1e-6);
  });
});

const one: Pictures = { features: { a: 'top' }, absent: ['b_wrist'], size: [1, 2], augment: null };

const observationConfig = { ...sizes, imageSize: [1, 2], paramDtype: 'f32' } as const;

/** Two samples: one pixel of each is black, the other white or grey. */
const sent: Observation<TensorValue> = {
  images: {
    a: fromFloat64(tensorType('i32', [2, 1, 2, 3]), [0, 0, 0, 255, 255, 255, 0, 0, 0, 51, 102, 204]),
  },
  imageMasks: {},
  state: fromFloat64(tensorType('f32', [2, 3]), [1, 2, 3, 4, 5, 6]),
  tokenizedPrompt: fromFloat64(tensorType('i32', [2, 4]), [2, 5, 6, 0, 2, 7, 0, 0]),
  tokenizedPromptMask: fromFloat64(tensorType('bool', [2, 4]), [1, 1, 1, 0, 1, 1, 0, 0]),
};

const seenThrough = (
  pictures: Pictures,
  see: (observation: Observation) => Tree<Expr>,
  given: Observation<TensorValue> = sent,
): Tree<readonly [shape: string, numbers: readonly number[]]> => {
  const types = sentTypes(pictures, observationTypes(observationConfig, 2), 2);
  const made = right(program(types, (inputs) => see(inputs) as TreeNode<Expr>));
  return map<TensorValue, readonly [string, readonly number[]]>(
    right(evaluate(made, given)) as Tree<TensorValue>,
    (v) => [`${v.type.dtype} ${v.type.shape.join()}`, [...toFloat64(v)].map((x) => Math.round(1e5 * x) / 1e5)],
  );
};

describe('an observation', () => {
  const plain = {
    state: ['f32 2,3', [1, 2, 3, 4, 5, 6]],
    tokenizedPrompt: ['i32 2,4', [2, 5, 6, 0, 2, 7, 0, 0]],
    tokenizedPromptMask: ['bool 2,4', [1, 1, 1, 0, 1, 1, 0, 0]],
  };
  // openpi `models/model.py` `Observation.from_dict` (15a9616): x / 255 · 2 − 1
  const images = { a: ['f32 2,1,2,3', [-1, -1, -1, 1, 1, 1, -1, -1, -1, -0.6, -0.2, 0.6]] };

  it('is sent as bytes of the cameras that are given pictures', () => {
    expect(sentTypes(one, observationTypes(observationConfig, 5), 5)).toEqual({
      images: { a: tensorType('i32', [5, 1, 2, 3]) },
      imageMasks: {},
      state: tensorType('f32', [5, 3]),
      tokenizedPrompt: tensorType('i32', [5, 4]),
      tokenizedPromptMask: tensorType('bool', [5, 4]),
    });
  });

  it('is seen as numbers in [−1, 1], with a mask for what is there', () => {
    expect(seenThrough(one, (given) => observe(one, given))).toEqual({
      ...plain,
      images,
      imageMasks: { a: ['bool 2', [1, 1]] },
    });
  });

  it('shows absent cameras black behind a mask, where they are wanted', () => {
    expect(seenThrough(one, (given) => withBlack(one, observe(one, given)))).toEqual({
      ...plain,
      images: { ...images, b_wrist: ['f32 2,1,2,3', Array.from({ length: 12 }, () => -1)] },
      imageMasks: { a: ['bool 2', [1, 1]], b_wrist: ['bool 2', [0, 0]] },
    });
  });
});

describe("an absent camera that a policy looks at, openpi's way for π0-FAST", () => {
  it('is black without a mask', () => {
    const see = (given: Observation) => withBlack(one, observe(one, given), 'black');
    expect(seenThrough(one, see)).toMatchObject({
      images: { b_wrist: ['f32 2,1,2,3', Array.from({ length: 12 }, () => -1)] },
      imageMasks: { a: ['bool 2', [1, 1]], b_wrist: ['bool 2', [1, 1]] },
    });
  });

  it.each([
    ['LiberoInputs', ['base_0_rgb', 'left_wrist_0_rgb', 'right_wrist_0_rgb'], 'right_wrist_0_rgb'],
    ['DroidInputs', ['base_0_rgb', 'base_1_rgb', 'wrist_0_rgb'], 'base_1_rgb'],
  ] as const)('has the masks of %s', (kind, cameras, absent) => {
    const grey = new NdArray('uint8', [2, 1, 2, 3], new Uint8Array(12).fill(128));
    const vector = (width: number) => new NdArray('float32', [2, width], new Float32Array(2 * width));
    const asked = {
      'observation/image': grey,
      'observation/wrist_image': grey,
      'observation/state': vector(8),
      'observation/exterior_image_1_left': grey,
      'observation/wrist_image_left': grey,
      'observation/joint_position': vector(7),
      'observation/gripper_position': vector(1),
    };
    const openpi = right(applyTransforms([{ kind, model: 'pi0-fast' }])(asked));
    const masks = Object.entries(openpi['image_mask'] as DataDict).map(([camera, mask]) => [
      camera,
      ['bool 2', mask instanceof NdArray ? [...mask.data] : []],
    ]);
    const features = Object.fromEntries(cameras.filter((name) => name !== absent).map((name) => [name, name]));
    const pictures: Pictures = { ...one, features, absent: [absent] };
    const see = (given: Observation): Tree<Expr> => {
      const images = Object.fromEntries(Object.keys(features).map((name) => [name, given.images[name]]));
      const whole = withBlack(pictures, observe(pictures, { ...given, images } as Observation), 'black');
      return whole.imageMasks as Tree<Expr>;
    };
    const images = Object.fromEntries(Object.keys(features).map((name) => [name, sent.images['a']]));
    expect(seenThrough(pictures, see, { ...sent, images } as Observation<TensorValue>)).toEqual(
      Object.fromEntries(masks),
    );
  });
});

describe('what varies pictures', () => {
  it('is of the cameras that are given pictures, and nothing where nothing is varied', () => {
    expect(variedTypes(one, 2)).toEqual({});
    const { augmentation } = variedTypes({ ...one, augment: 'full' }, 2);
    expect(augmentation).toEqual(
      map<TensorValue, TensorType>(augmentationInputs(key(1), 2, ['a'], [16, 16]), ({ type }) => type),
    );
  });

  const size = [16, 16] as const;
  const bytes = fromFloat64(tensorType('i32', [1, ...size, 3]), randint(key(1), 16 * 16 * 3, 0, 256));
  const augmentation = augmentationInputs(key(2), 1, ['a'], size);
  const state = fromFloat64(tensorType('f32', [1, 3]), [0, 0, 0]);
  const types = map<TensorValue, TensorType>({ bytes, augmentation, state }, ({ type }) => type) as {
    readonly bytes: TensorType;
    readonly augmentation: NonNullable<ReturnType<typeof variedTypes>['augmentation']>;
    readonly state: TensorType;
  };

  /** The picture of a camera as it is seen, less what `expected` makes of the plain one: the largest difference. */
  const difference = (
    augment: Pictures['augment'],
    isVaried: boolean,
    expected: (plain: CameraImages, varied: Parameters<typeof augmentImages>[1]) => CameraImages,
  ): number => {
    const pictures: Pictures = { ...one, absent: [], size, augment };
    const made = right(
      program(types, (given) => {
        const observation = { ...sent, state: given.state, images: { a: given.bytes } } as unknown as Observation;
        const plain = observe({ ...pictures, augment: null }, observation).images;
        const seen = observe(pictures, observation, isVaried ? given.augmentation : undefined).images;
        const wanted = expected(plain, given.augmentation);
        return { off: reduceMax(abs(sub(seen['a'] ?? given.state, wanted['a'] ?? given.state)), [0, 1, 2, 3]) };
      }),
    );
    return toFloat64(right(evaluate(made, { bytes, augmentation, state } as never)).off)[0] ?? Number.NaN;
  };

  it('makes of them what the model says, in the form that is asked for', () => {
    for (const form of ['full', 'openpi'] as const) {
      expect(difference(form, true, (plain, varied) => augmentImages(plain, varied, form))).toBe(0);
      expect(difference(form, true, (plain) => plain)).toBeGreaterThan(0.1);
    }
    expect(difference('full', true, (plain, varied) => augmentImages(plain, varied, 'openpi'))).toBeGreaterThan(0.001);
  });

  it('makes nothing of them where nothing was drawn, or nothing is varied', () => {
    expect(difference('full', false, (plain) => plain)).toBe(0);
    expect(difference(null, true, (plain) => plain)).toBe(0);
  });
});
