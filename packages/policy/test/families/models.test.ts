import { key } from '@torsor/random';
import { type TensorType, type TensorValue, tensorType, toFloat64 } from '@torsor/tensor';
import { flatten, map } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { familyOf, type Pictures, type PolicyModel } from '../../src/index.js';
import { expert, tinyModel } from '../tiny.js';

const kinds = ['pi0', 'pi05', 'pi0-fast'] as const;

/** A model of a family at the smallest size, but for what is said. */
const modelOf = (kind: (typeof kinds)[number], more: object = {}, vocabulary = 140): PolicyModel => {
  const settings = tinyModel(kind, more);
  return familyOf(settings).modelOf(settings, vocabulary);
};

const shapes = (model: PolicyModel): { readonly [path: string]: string } =>
  Object.fromEntries(flatten(model.paramTypes).map(({ path, leaf }) => [path, `${leaf.dtype} ${leaf.shape.join()}`]));

describe.each(kinds)('a model of %s', (kind) => {
  const cameras = { cameras: ['front', 'wrist'], imageSize: [16, 32], siglip: 'mu/16' };

  it('says its kind, sizes and cameras', () => {
    const { kind: said, sizes, cameras: seen, errors } = modelOf(kind, cameras);
    const maxTokenLen = kind === 'pi0' ? 8 : 48;
    expect({ said, sizes, seen, errors }).toEqual({
      said: kind,
      sizes: { actionDim: 3, actionHorizon: 2, maxTokenLen, imageSize: [16, 32] },
      seen: ['front', 'wrist'],
      errors: [],
    });
  });

  it('has the rows that the settings say, or else those of the tokenizer', () => {
    const table = 'PaliGemma/llm/embedder/input_embedding';
    expect(shapes(modelOf(kind, { vocabSize: 150 }, 160))[table]).toBe('f32 150,8');
    expect(shapes(modelOf(kind, { vocabSize: null }, 160))[table]).toBe('f32 160,8');
  });

  it('begins with parameters of its types, the same ones for a key', () => {
    const model = modelOf(kind);
    const types = (params: ReturnType<typeof model.initParams>) => map<TensorValue, TensorType>(params, (v) => v.type);
    expect(types(model.initParams(key(1)))).toEqual(model.paramTypes);
    expect(model.initParams(key(1))).toEqual(model.initParams(key(1)));
    expect(model.initParams(key(1))).not.toEqual(model.initParams(key(2)));
  });

  it('draws only those that are asked for', () => {
    const table = 'PaliGemma/llm/embedder/input_embedding';
    const drawn = flatten(modelOf(kind).initParams(key(1), { only: (path) => path === table }));
    expect(drawn.filter(({ leaf }) => toFloat64(leaf).some((x) => x !== 0)).map(({ path }) => path)).toEqual([table]);
  });

  it('has a tower for its cameras, of the size that is named', () => {
    const kernel = 'PaliGemma/img/embedding/kernel';
    expect(shapes(modelOf(kind, cameras))[kernel]).toBe('f32 16,16,3,32');
    expect(shapes(modelOf(kind))[kernel]).toBeUndefined();
  });

  it('says all that cannot be built of it', () => {
    const lora = { attn: { rank: 5, alpha: 1 } };
    const { errors } = modelOf(kind, { paligemma: { ...expert, lora }, actionDim: 3 });
    expect(errors).toEqual([
      {
        _tag: 'BadModelConfig',
        field: 'paligemma.lora.attn.rank',
        reason: 'must be at most 4, the smaller side of the weight, got 5',
      },
    ]);
  });

  it('trains everything, or with factors all but what they stand beside', () => {
    expect(modelOf(kind).freezeFilter).toBeUndefined();
    const lora = { attn: { rank: 2, alpha: 1 }, ffn: { rank: 2, alpha: 1 } };
    const model = modelOf(kind, { paligemma: { ...expert, lora } });
    const frozen = Object.keys(shapes(model)).filter((path) => model.freezeFilter?.(path) === true);
    expect(frozen.toSorted()).toEqual([
      'PaliGemma/llm/embedder/input_embedding',
      'PaliGemma/llm/final_norm/scale',
      'PaliGemma/llm/layers/attn/attn_vec_einsum/w',
      'PaliGemma/llm/layers/attn/kv_einsum/w',
      'PaliGemma/llm/layers/attn/q_einsum/w',
      'PaliGemma/llm/layers/mlp/gating_einsum',
      'PaliGemma/llm/layers/mlp/linear',
      'PaliGemma/llm/layers/pre_attention_norm/scale',
      'PaliGemma/llm/layers/pre_ffw_norm/scale',
    ]);
  });
});

// openpi `models/pi0.py` `Pi0.__init__` (15a9616)
it('π0 mixes time into its actions and projects the state, π0.5 modulates its norms by the time', () => {
  const own = (model: PolicyModel) =>
    Object.fromEntries(Object.entries(shapes(model)).filter(([path]) => !path.startsWith('PaliGemma')));
  const both = {
    'action_in_proj/bias': 'f32 8',
    'action_in_proj/kernel': 'f32 3,8',
    'action_out_proj/bias': 'f32 3',
    'action_out_proj/kernel': 'f32 8,3',
  };
  expect(own(modelOf('pi0'))).toEqual({
    ...both,
    'action_time_mlp_in/bias': 'f32 8',
    'action_time_mlp_in/kernel': 'f32 16,8',
    'action_time_mlp_out/bias': 'f32 8',
    'action_time_mlp_out/kernel': 'f32 8,8',
    'state_proj/bias': 'f32 8',
    'state_proj/kernel': 'f32 3,8',
  });
  expect(own(modelOf('pi05'))).toEqual({
    ...both,
    'time_mlp_in/bias': 'f32 8',
    'time_mlp_in/kernel': 'f32 8,8',
    'time_mlp_out/bias': 'f32 8',
    'time_mlp_out/kernel': 'f32 8,8',
  });
  expect(own(modelOf('pi0-fast'))).toEqual({});
});

describe('the types of a batch as the host sends it', () => {
  const f32 = (...shape: number[]) => tensorType('f32', shape);
  const pictures: Pictures = {
    features: { front: 'observation.images.top' },
    absent: ['wrist'],
    size: [16, 32],
    augment: null,
  };
  const more = { cameras: ['front', 'wrist'], imageSize: [16, 32], siglip: 'mu/16' };
  const observation = (l: number) => ({
    state: f32(5, 3),
    tokenizedPrompt: tensorType('i32', [5, l]),
    tokenizedPromptMask: tensorType('bool', [5, l]),
    images: { front: tensorType('i32', [5, 16, 32, 3]) },
    imageMasks: {},
  });

  it.each([
    ['pi0', 8],
    ['pi05', 48],
  ] as const)('%s is sent noise and time with the actions', (kind, l) => {
    expect(modelOf(kind, more).batchTypes(pictures, 5)).toEqual({
      observation: observation(l),
      actions: f32(5, 2, 3),
      noise: f32(5, 2, 3),
      time: f32(5),
    });
  });

  it.each(['pi0', 'pi05'] as const)('%s is sent which steps are real, where padded ones are left out', (kind) => {
    expect(modelOf(kind, { ...more, maskPadding: true }).batchTypes(pictures, 5)).toEqual({
      ...Object(modelOf(kind, more).batchTypes(pictures, 5)),
      isReal: tensorType('bool', [5, 2]),
    });
  });

  it('π0-FAST is sent masks with the tokens', () => {
    expect(modelOf('pi0-fast', more).batchTypes(pictures, 5)).toEqual({
      observation: {
        ...observation(48),
        tokenArMask: tensorType('i32', [5, 48]),
        tokenLossMask: tensorType('bool', [5, 48]),
      },
    });
  });
});
