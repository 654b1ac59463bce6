import { type Backend, type BackendError, type Buffer, type Executable, referenceBackend } from '@torsor/backend';
import {
  type DecodeOptions,
  observationTypes,
  type Pi0FastConfig,
  prefillDecoding,
  preprocessImages,
  siglipVariant,
  stepsProgram,
} from '@torsor/models';
import { key, uniform } from '@torsor/random';
import { constant, hashProgram, type Program, program, type TensorType, tensorType } from '@torsor/tensor';
import type { TextTokenizer } from '@torsor/tokenizer';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { familyOf, type ModelSpace, putTree, type SampleRequest, type Sampler } from '../../src/index.js';
import { tenths } from '../characters.js';
import { left, right } from '../right.js';
import { expert, tinyModel } from '../tiny.js';
import { zerosBut } from '../zeros-but.js';

const vocabSize = 160;

/** Id 3 is `Action: `, 4 is `|`, and those from 10 on are letters; the id of action token a is 160 − 1 − 128 − a. */
const pieces = (decoded: (readonly number[])[] = []): TextTokenizer => ({
  vocabSize,
  encode: (text) => E.right([...text].map((letter) => (letter.codePointAt(0) ?? 0) - 0x100)),
  decode: (tokens) => {
    decoded.push(tokens);
    const piece = (id: number) => ({ 3: 'Action: ', 4: '|' })[id] ?? String.fromCodePoint(0x100 + id);
    return E.right(tokens.map(piece).join(''));
  },
});

/** 18 actions, of which each is the next tenth: 9 of two dimensions. */
const tenthsUp = Array.from({ length: 18 }, (_, a) => a);

/** What is written after a prompt that ends with token 5: `Action: `, the actions, `|` and the end. */
const written = [3, ...tenthsUp.map((a) => 31 - a), 4, 1];

const width = 24;

/** Row k of a chain is 3^k (e_k + e_(k + 1)): of all rows the next one has the largest product with it. */
const chain = (tokens: readonly number[]): { readonly [index: number]: number } =>
  Object.fromEntries(
    tokens.flatMap((token, k) => [
      [token * width + k, 3 ** k],
      [token * width + k + 1, 3 ** k],
    ]),
  );

const space: ModelSpace = {
  stats: {
    state: { mean: [0, 0], std: [1, 1], q01: [0, 0], q99: [1, 1] },
    actions: { mean: [0, 0], std: [1, 1], q01: [0, 10], q99: [2, 14] },
  },
  normMode: 'quantile',
  deltaActionMask: [true, false],
  adaptToPi: false,
  actionDim: 3,
};

type Asked = {
  readonly maxDecodingSteps?: number;
  readonly temperature?: number;
  readonly decoding?: 'consistent' | 'openpi';
  readonly severalDraws?: boolean;
  readonly table?: { readonly [index: number]: number };
};

/** What a sampler did with its backend. */
type Watched = { readonly compiled: Program[]; readonly ran: Executable[] };

const watching = (backend: Backend, { compiled, ran }: Watched): Backend => ({
  ...backend,
  compile: (made, options) => {
    compiled.push(made as unknown as Program);
    return backend.compile(made, options);
  },
  run: (executable, inputs, options) => {
    ran.push(executable as unknown as Executable);
    return backend.run(executable, inputs, options);
  },
});

const settingsOf = ({ maxDecodingSteps = 40, temperature = 1, decoding = 'consistent' }: Asked) =>
  tinyModel('pi0-fast', {
    paligemma: { width, depth: 1, mlpDim: 4, numHeads: 1, numKvHeads: 1, headDim: 2 },
    actionHorizon: 9,
    maxTokenLen: 3,
    vocabSize,
    maxDecodingSteps,
    temperature,
    decoding,
  });

const open = async (asked: Asked = {}, text = pieces(), backend = referenceBackend()) => {
  const settings = settingsOf(asked);
  const model = familyOf(settings).modelOf(settings, vocabSize);
  const watched: Watched = { compiled: [], ran: [] };
  const placement = { backend: watching(backend, watched), specOf: () => [] };
  const table = asked.table ?? chain([5, ...written]);
  const values = zerosBut(model.paramTypes, { 'PaliGemma/llm/embedder/input_embedding': table });
  const params = right(await putTree(placement)(values)()) as Tree<Buffer>;
  const sampler: Sampler = right(
    await model.sampler({
      placement,
      params: model.paramTypes,
      pictures: { features: {}, absent: [], size: [224, 224], augment: null },
      batchSize: 2,
      numSamplingSteps: 1,
      severalDraws: asked.severalDraws ?? false,
      meaning: { space, tokenizers: { text, actions: tenths } },
    })(),
  );
  return { backend, model, sampler, params, ...watched };
};

/** Two samples whose prompts end with these tokens. */
const request = (last: readonly [number, number], draw = 0): SampleRequest => ({
  prompts: {
    state: new Float32Array(6),
    tokens: Int32Array.of(2, last[0], 0, 2, 9, last[1]),
    tokenMask: Uint8Array.of(1, 1, 0, 1, 1, 1),
    images: {},
  },
  start: { state: Float32Array.of(100, 0, 200, 0), stateDim: 2, actionDim: 2, actionHorizon: 9 },
  keys: [key(7), key(8)],
  draw,
});

/** x in [−1, 1] is (x + 1) / 2 of the way from q01 to q99; the first dimension is added to the state. */
const inUnits = (normalized: readonly number[], at: number): readonly number[] =>
  normalized.map((x, i) => expect.closeTo(i % 2 === 0 ? at + (x + 1) : 10 + 2 * (x + 1), 3));

const zeros = tenthsUp.map(() => 0);

describe('tokens that follow each other', () => {
  it('are written until the end, and are actions in the units of the robot', async () => {
    const decoded: (readonly number[])[] = [];
    const { sampler, params } = await open({}, pieces(decoded));
    const chunks = right(await sampler(params, request([5, 5]))());
    expect(decoded).toEqual([written.slice(0, -1), written.slice(0, -1)]);
    expect(chunks.decoded).toEqual([
      { tokens: 21, failure: null },
      { tokens: 21, failure: null },
    ]);
    const tenthsOf = tenthsUp.map((a) => a / 10);
    expect([...chunks.actions]).toEqual([...inUnits(tenthsOf, 100), ...inUnits(tenthsOf, 200)]);
  });

  it('that are no actions are zeros, as openpi would execute, with the reason; others are none the less', async () => {
    const { sampler, params } = await open();
    // The second prompt ends in the middle of the actions: five more of them, `|` and the end, and no beginning.
    const { actions, decoded } = right(await sampler(params, request([5, 31 - 12]))());
    const tenthsOf = tenthsUp.map((a) => a / 10);
    expect([...actions]).toEqual([...inUnits(tenthsOf, 100), ...inUnits(zeros, 200)]);
    expect(decoded).toEqual([
      { tokens: 21, failure: null },
      { tokens: 7, failure: expect.stringContaining('Action: ') },
    ]);
  });

  it('are looked at after every 16th, and not written on when all have ended', async () => {
    const { sampler, params, ran, compiled } = await open();
    right(await sampler(params, request([31 - 12, 31 - 14]))());
    expect([compiled.length, ran.length]).toEqual([2, 2]);
    right(await sampler(params, request([31 - 12, 5]))());
    expect(ran.length - 2).toBe(3);
    expect(new Set(ran.slice(3)).size).toBe(1);
  });

  it('end where as many are written as may be', async () => {
    const { sampler, params } = await open({ maxDecodingSteps: 20 });
    const { decoded } = right(await sampler(params, request([5, 31 - 12]))());
    // Without `|` and the end, openpi takes what there is: 18 actions, and 18 are asked for.
    expect(decoded?.map(({ tokens }) => tokens)).toEqual([20, 7]);
    const { sampler: shorter } = await open({ maxDecodingSteps: 6 });
    const few = right(await shorter(params, request([5, 5]))());
    expect(few.decoded).toEqual(
      [0, 1].map(() => ({ tokens: 6, failure: expect.stringContaining('5 tokens do not fill 9x2') })),
    );
    expect([...few.actions]).toEqual([...inUnits(zeros, 100), ...inUnits(zeros, 200)]);
  });

  it('leave nothing on the device', async () => {
    const { backend, sampler, params } = await open();
    const before = backend.memory().buffers;
    right(await sampler(params, request([5, 5]))());
    expect(backend.memory().buffers).toBe(before);
  });

  it('of prompts that do not fill the model are a defect', async () => {
    const { sampler, params } = await open();
    const asked = request([5, 5]);
    const short = { ...asked, prompts: { ...asked.prompts, tokenMask: new Uint8Array(5) } };
    expect(left(await sampler(params, short)())).toMatchObject({ _tag: 'Defect' });
  });

  it('of a robot wider than its statistics are refused', async () => {
    const { sampler, params } = await open();
    const asked = request([5, 5]);
    const narrow = { ...asked, start: { ...asked.start, actionDim: 1, actionHorizon: 18 } };
    expect(left(await sampler(params, narrow)())).toMatchObject({ _tag: 'Transform', error: { key: 'actions' } });
  });
});

describe('tokens that are drawn, where all are equally likely', () => {
  /** The token of a number in [0, 1): one of 160 equal parts. */
  const drawnBy = (seed: number): readonly number[] => Array.from(uniform(key(seed), 6), (u) => Math.floor(160 * u));

  let decoded: (readonly number[])[] = [];

  beforeEach(() => {
    decoded = [];
  });

  const asked = { table: {}, maxDecodingSteps: 6, severalDraws: true };

  it('are those of the numbers of their keys in the draws after the first', async () => {
    const { sampler, params } = await open(asked, pieces(decoded));
    right(await sampler(params, request([5, 5], 1))());
    expect(decoded).toEqual([drawnBy(7), drawnBy(8)]);
    expect(decoded.flat().some((token) => token === 1)).toBe(false);
  });

  it('in the first draw the most likely ones are taken, of equal ones the first', async () => {
    const { sampler, params } = await open(asked, pieces(decoded));
    right(await sampler(params, request([5, 5], 0))());
    expect(decoded).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it.each([
    ['only one is asked for', { ...asked, severalDraws: false }],
    ['the temperature is 0', { ...asked, temperature: 0 }],
  ])('and always where %s', async (_, one) => {
    const { sampler, params, compiled } = await open(one, pieces(decoded));
    expect(compiled.length).toBe(2);
    right(await sampler(params, request([5, 5], 1))());
    expect(decoded).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });
});

describe('what is compiled', () => {
  const config: Pi0FastConfig = {
    actionDim: 3,
    actionHorizon: 9,
    maxTokenLen: 3,
    vocabSize,
    paligemma: { width, depth: 1, mlpDim: 4, numHeads: 1, numKvHeads: 1, headDim: 2 },
    cameras: [],
    imageSize: [224, 224],
    siglip: right(siglipVariant('So400m/14')),
    paramDtype: 'f32',
    computeDtype: 'f32',
  };

  const steps = (params: Tree<TensorType>, count: number, options: DecodeOptions): string =>
    hashProgram(right(stepsProgram(config, params, 2, count, options)) as unknown as Program);

  it.each(['consistent', 'openpi'] as const)(
    'a prefill, greedy steps, and steps that are drawn: %s',
    async (decoding) => {
      const { model, compiled } = await open({ decoding, temperature: 0.5, severalDraws: true });
      const options = { decoding, maxDecodingSteps: 40 };
      const types = { params: model.paramTypes, observation: observationTypes(config, 2) };
      const prefill = program(types, ({ params, observation }) =>
        prefillDecoding(config, params, observation, options),
      );
      expect(compiled.map(hashProgram)).toEqual([
        hashProgram(right(prefill) as unknown as Program),
        steps(model.paramTypes, 16, options),
        steps(model.paramTypes, 16, { ...options, temperature: 0.5 }),
      ]);
    },
  );

  it('as many steps at once as may be written, where those are fewer than 16', async () => {
    const { model, compiled } = await open({ maxDecodingSteps: 6 });
    expect(compiled.slice(1).map(hashProgram)).toEqual([
      steps(model.paramTypes, 6, { decoding: 'consistent', maxDecodingSteps: 6 }),
    ]);
  });

  it('absent cameras are black behind a mask', async () => {
    const settings = tinyModel('pi0-fast', {
      cameras: ['a', 'b'],
      imageSize: [16, 16],
      siglip: 'mu/16',
      maxTokenLen: 3,
    });
    const model = familyOf(settings).modelOf(settings, 140);
    const watched: Watched = { compiled: [], ran: [] };
    const placement = { backend: watching(referenceBackend(), watched), specOf: () => [] };
    const pictures = { features: { a: 'top' }, absent: ['b'], size: [16, 16], augment: null } as const;
    const meaning = { space, tokenizers: { text: pieces(), actions: tenths } };
    const asked = { params: model.paramTypes, batchSize: 2, numSamplingSteps: 1, severalDraws: false };
    right(await model.sampler({ placement, pictures, meaning, ...asked })());
    const seen: Pi0FastConfig = {
      ...config,
      actionHorizon: 2,
      vocabSize: 140,
      paligemma: expert,
      cameras: ['a', 'b'],
      imageSize: [16, 16],
      siglip: right(siglipVariant('mu/16')),
    };
    const types = {
      params: model.paramTypes,
      observation: {
        ...observationTypes(seen, 2),
        images: { a: tensorType('i32', [2, 16, 16, 3]) },
        imageMasks: {},
      },
    };
    const prefill = program(types, ({ params, observation }) =>
      prefillDecoding(
        seen,
        params,
        {
          ...observation,
          images: { ...preprocessImages(observation.images, [16, 16]), b: constant(-1, 'f32', [2, 16, 16, 3]) },
          imageMasks: { a: constant(1, 'bool', [2]), b: constant(0, 'bool', [2]) },
        },
        { decoding: 'consistent', maxDecodingSteps: 256 },
      ),
    );
    expect(watched.compiled.slice(0, 1).map(hashProgram)).toEqual([hashProgram(right(prefill) as unknown as Program)]);
  });
});

describe('refusals', () => {
  const failure: BackendError = { _tag: 'RuntimeFailure', backend: 'reference', during: 'a test', message: 'none' };

  it('a policy that writes tokens needs a tokenizer for them', async () => {
    const settings = settingsOf({});
    const model = familyOf(settings).modelOf(settings, vocabSize);
    const compile = (): never => {
      throw new Error('nothing should be compiled');
    };
    const compiled = model.sampler({
      placement: { backend: { ...referenceBackend(), compile }, specOf: () => [] },
      params: model.paramTypes,
      pictures: { features: {}, absent: [], size: [224, 224], augment: null },
      batchSize: 1,
      numSamplingSteps: 1,
      severalDraws: false,
      meaning: { space, tokenizers: null },
    });
    expect(left(await compiled())).toEqual({
      _tag: 'Defect',
      reason: 'a policy that writes tokens was given no tokenizer for them',
    });
  });

  it.each(['run', 'get'] as const)('what the backend refuses of %s is said', async (name) => {
    const backend = { ...referenceBackend(), [name]: () => TE.left(failure) };
    const { sampler, params } = await open({}, pieces(), backend);
    expect(left(await sampler(params, request([5, 5]))())).toEqual({ _tag: 'Backend', error: failure });
  });
});
