import { type Backend, type BackendError, type Buffer, referenceBackend } from '@torsor/backend';
import { observationTypes, pi05Config, preprocessImages, sampleActions, siglipVariant } from '@torsor/models';
import { key, normal } from '@torsor/random';
import { constant, hashProgram, program, type TensorType, tensorType } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import * as fc from 'fast-check';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  familyOf,
  type ModelSpace,
  type PolicyModel,
  putTree,
  type SampleRequest,
  type Sampler,
  sampleProgram,
} from '../../src/index.js';
import { carried, numbers } from '../closed-form.js';
import { left, right } from '../right.js';
import { expert, tinyModel } from '../tiny.js';
import { zerosBut } from '../zeros-but.js';

/** Two dimensions of a robot in three of the model; the first is commanded as a delta. */
const space: ModelSpace = {
  stats: {
    state: { mean: [0, 0], std: [1, 1], q01: null, q99: null },
    actions: { mean: [10, 20], std: [2, 4], q01: null, q99: null },
  },
  normMode: 'mean_std',
  deltaActionMask: [true, false],
  adaptToPi: false,
  actionDim: 3,
};

const steps = 4;

type Opened = {
  readonly model: PolicyModel;
  readonly backend: Backend;
  readonly sampler: Sampler;
  readonly params: Tree<Buffer>;
};

const open = async (kind: 'pi0' | 'pi05', batchSize: number, backend = referenceBackend()): Promise<Opened> => {
  const settings = tinyModel(kind, { maxTokenLen: 8 });
  const model = familyOf(settings).modelOf(settings, 140);
  const placement = { backend, specOf: () => [] };
  const params = right(await putTree(placement)(zerosBut(model.paramTypes, numbers[kind]))()) as Tree<Buffer>;
  const sampler = right(
    await model.sampler({
      placement,
      params: model.paramTypes,
      pictures: { features: {}, absent: [], size: [224, 224], augment: null },
      batchSize,
      numSamplingSteps: steps,
      severalDraws: false,
      meaning: { space, tokenizers: null },
    })(),
  );
  return { model, backend, sampler, params };
};

const request = (seeds: readonly number[], state: readonly number[]): SampleRequest => ({
  prompts: {
    state: new Float32Array(3 * seeds.length),
    tokens: new Int32Array(8 * seeds.length).fill(5),
    tokenMask: new Uint8Array(8 * seeds.length).fill(1),
    images: {},
  },
  start: { state: Float32Array.from(state), stateDim: 2, actionDim: 2, actionHorizon: 2 },
  keys: seeds.map(key),
  draw: 0,
});

/** The chunk of one sample, by hand: noise of its key carried to t = 0, in the units of the robot. */
const chunk = (kind: 'pi0' | 'pi05', seed: number, at: number): readonly number[] => {
  const x = carried(kind, normal(key(seed), 6), steps);
  return [0, 1].flatMap((i) => [at + 10 + 2 * (x[3 * i] ?? 0), 20 + 4 * (x[3 * i + 1] ?? 0)]);
};

const close = (expected: readonly number[]) => expected.map((x) => expect.closeTo(x, 3));

describe.each(['pi0', 'pi05'] as const)('chunks of %s, where the velocity is known at every time', (kind) => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await open(kind, 2);
  });

  it('are noise that Euler steps have carried from t = 1 to 0, in the units of the robot', async () => {
    const { sampler, params } = opened;
    const { actions, decoded } = right(await sampler(params, request([7, 8], [100, 0, -100, 0]))());
    expect([...actions]).toEqual(close([...chunk(kind, 7, 100), ...chunk(kind, 8, -100)]));
    expect(decoded).toBeNull();
  });

  it('depend each on its own key alone', async () => {
    const { sampler, params } = opened;
    const seed = fc.integer({ min: 0, max: 1000 });
    await fc.assert(
      fc.asyncProperty(seed, seed, async (first, second) => {
        const { actions } = right(await sampler(params, request([first, second], [0, 0, 0, 0]))());
        expect([...actions]).toEqual(close([...chunk(kind, first, 0), ...chunk(kind, second, 0)]));
      }),
      { numRuns: 5 },
    );
  });

  it('leave nothing on the device', async () => {
    const { backend, sampler, params } = opened;
    const before = backend.memory().buffers;
    right(await sampler(params, request([7, 8], [0, 0, 0, 0]))());
    expect(backend.memory().buffers).toBe(before);
  });

  it('of prompts that do not fill the model are a defect', async () => {
    const { backend, sampler, params } = opened;
    const before = backend.memory().buffers;
    const asked = request([7, 8], [0, 0, 0, 0]);
    const short = { ...asked, prompts: { ...asked.prompts, tokens: new Int32Array(15) } };
    expect(left(await sampler(params, short)())).toMatchObject({ _tag: 'Defect' });
    expect(backend.memory().buffers).toBe(before);
  });

  it('of a robot wider than the model are refused', async () => {
    const { sampler, params } = opened;
    const asked = request([7, 8], [0, 0, 0, 0]);
    const wide = { ...asked, start: { ...asked.start, actionDim: 4 } };
    expect(left(await sampler(params, wide)())).toMatchObject({
      _tag: 'Transform',
      error: { _tag: 'WrongValue', key: 'actions' },
    });
  });
});

it('what the backend refuses is said, and what was sent is given back', async () => {
  const failure: BackendError = { _tag: 'RuntimeFailure', backend: 'reference', during: 'a run', message: 'none' };
  const backend = referenceBackend();
  const { sampler, params } = await open('pi0', 1, { ...backend, run: () => TE.left(failure) });
  const before = backend.memory().buffers;
  expect(left(await sampler(params, request([7], [0, 0]))())).toEqual({ _tag: 'Backend', error: failure });
  expect(backend.memory().buffers).toBe(before);
});

it('no steps are no program', async () => {
  const settings = tinyModel('pi0');
  const model = familyOf(settings).modelOf(settings, 140);
  const compiled = model.sampler({
    placement: { backend: referenceBackend(), specOf: () => [] },
    params: model.paramTypes,
    pictures: { features: {}, absent: [], size: [224, 224], augment: null },
    batchSize: 1,
    numSamplingSteps: 0,
    severalDraws: false,
    meaning: { space, tokenizers: null },
  });
  expect(left(await compiled())).toMatchObject({ _tag: 'Program' });
});

it('the program sees the cameras that are given pictures, and nothing of the others', () => {
  const config = {
    ...pi05Config,
    paligemma: expert,
    actionExpert: expert,
    cameras: ['a', 'b'],
    imageSize: [16, 16] as const,
    siglip: right(siglipVariant('mu/16')),
    actionHorizon: 2,
    actionDim: 3,
    maxTokenLen: 8,
    vocabSize: 140,
  };
  const settings = tinyModel('pi05', { cameras: ['a', 'b'], imageSize: [16, 16], siglip: 'mu/16' });
  const { paramTypes } = familyOf(settings).modelOf(settings, 140);
  const params = map<TensorType, TensorType>(paramTypes, (type) => type);
  const pictures = { features: { a: 'top' }, absent: ['b'], size: [16, 16], augment: null } as const;
  const made = right(sampleProgram(config, { params, pictures, batchSize: 5, numSamplingSteps: 3 }));
  const types = {
    params,
    observation: {
      ...observationTypes(config, 5),
      images: { a: tensorType('i32', [5, 16, 16, 3]) },
      imageMasks: {},
    },
    noise: tensorType('f32', [5, 2, 3]),
  };
  const expected = program(types, (given) => {
    const images = preprocessImages(given.observation.images, [16, 16]);
    const seen = { ...given.observation, images, imageMasks: { a: constant(1, 'bool', [5]) } };
    return { actions: sampleActions({ ...config, cameras: ['a'] }, given.params, seen, given.noise, 3) };
  });
  expect(hashProgram(made)).toBe(hashProgram(right(expected)));
});
