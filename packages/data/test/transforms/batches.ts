import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { type DataDict, type DataValue, NdArray, type Tokenizers, type Transform } from '../../src/index.js';
import { stats } from './samples.js';

// Batches that each kind of transform accepts.

type Shape = readonly number[];

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

const list = (length: number, of: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
  fc.array(of, { minLength: length, maxLength: length });

const float = fc.double({ min: -3, max: 3, noNaN: true }).map(Math.fround);

/** Real numbers of either precision. */
const reals = (shape: Shape): fc.Arbitrary<NdArray> =>
  fc
    .tuple(list(size(shape), float), fc.boolean())
    .map(([data, single]) =>
      single
        ? new NdArray('float32', shape, Float32Array.from(data))
        : new NdArray('float64', shape, Float64Array.from(data)),
    );

/** Pictures of bytes or of numbers in [0, 1]. */
const pictures = (shape: Shape): fc.Arbitrary<NdArray> =>
  fc.tuple(list(size(shape), fc.integer({ min: 0, max: 255 })), fc.boolean()).map(([data, bytes]) =>
    bytes
      ? new NdArray('uint8', shape, Uint8Array.from(data))
      : new NdArray(
          'float32',
          shape,
          Float32Array.from(data, (x) => x / 255),
        ),
  );

const wholes = (shape: Shape, dtype: 'int32' | 'float64'): fc.Arbitrary<NdArray> =>
  list(size(shape), fc.integer({ min: 0, max: 3 })).map((data) =>
    dtype === 'int32'
      ? new NdArray(dtype, shape, Int32Array.from(data))
      : new NdArray(dtype, shape, Float64Array.from(data)),
  );

const prompts = (b: number): fc.Arbitrary<readonly string[]> =>
  fc.array(fc.constantFrom('go', 'stop', 'open the drawer'), { minLength: b, maxLength: b });

type Given = { readonly transform: Transform; readonly batch: DataDict };

type Entries = Readonly<Record<string, fc.Arbitrary<DataValue>>>;

/** With `optional` entries or without them: a robot at work gives no actions. */
const given = (transform: Transform, entries: Entries, optional: Entries = {}): fc.Arbitrary<Given> =>
  fc.record({
    transform: fc.constant(transform),
    batch: fc.record({ ...entries, ...optional }, { requiredKeys: Object.keys(entries) }) as fc.Arbitrary<DataDict>,
  });

const mask = fc.array(fc.boolean(), { maxLength: 3 });

const families = ['pi0', 'pi05', 'pi0-fast'] as const;

const vectors = (b: number, dim = 4) => ({ state: reals([b, dim]), actions: reals([b, 3, dim]) });

const anyOf = (transforms: readonly Transform[], entries: Entries, optional: Entries = {}) =>
  fc.oneof(...transforms.map((transform) => given(transform, entries, optional)));

const modes = ['mean_std', 'quantile'] as const;

const normalized = (kind: 'Normalize' | 'Unnormalize', b: number): fc.Arbitrary<Given> =>
  fc.tuple(stats(4, 4), fc.constantFrom(...modes)).chain(([norm, mode]) =>
    anyOf(
      [
        { kind, stats: norm, mode },
        { kind, stats: { actions: norm.actions }, mode },
      ],
      vectors(b),
    ),
  );

/** For each kind of transform, transforms of it with batches of `b` samples. */
export const accepted: {
  readonly [Kind in Transform['kind']]: (b: number) => fc.Arbitrary<Given>;
} = {
  RepackTransform: (b) =>
    given(
      { kind: 'RepackTransform', structure: { a: 'x', rest: { prompt: 'prompt', deep: 'y/z' } } },
      { x: reals([b, 2]), prompt: prompts(b), y: fc.record({ z: wholes([b], 'int32') }), dropped: reals([b]) },
    ),
  InjectDefaultPrompt: (b) =>
    fc.oneof(
      given({ kind: 'InjectDefaultPrompt', prompt: 'default' }, vectors(b)),
      given({ kind: 'InjectDefaultPrompt', prompt: 'default' }, { ...vectors(b), prompt: prompts(b) }),
      given({ kind: 'InjectDefaultPrompt', prompt: null }, vectors(b)),
    ),
  PromptFromLeRobotTask: (b) =>
    given(
      { kind: 'PromptFromLeRobotTask', tasks: { 0: 'a', 1: 'b', 2: 'c', 3: 'd' } },
      { task_index: fc.oneof(wholes([b], 'int32'), wholes([b, 1], 'int32')) },
    ),
  AlohaInputs: (b) =>
    anyOf(
      [
        { kind: 'AlohaInputs', adaptToPi: true },
        { kind: 'AlohaInputs', adaptToPi: false },
      ],
      {
        images: fc.record(
          { cam_high: pictures([b, 3, 2, 1]), cam_left_wrist: pictures([b, 3, 2, 1]) },
          { requiredKeys: ['cam_high'] },
        ),
        state: reals([b, 14]),
      },
      { actions: reals([b, 2, 14]), prompt: prompts(b) },
    ),
  AlohaOutputs: (b) =>
    anyOf(
      [
        { kind: 'AlohaOutputs', adaptToPi: true },
        { kind: 'AlohaOutputs', adaptToPi: false },
      ],
      { actions: reals([b, 2, 16]) },
    ),
  AlohaToPi: (b) =>
    fc.oneof(
      given({ kind: 'AlohaToPi', key: 'state' }, vectors(b, 14)),
      given({ kind: 'AlohaToPi', key: 'actions' }, vectors(b, 14)),
    ),
  AlohaFromPi: (b) => given({ kind: 'AlohaFromPi' }, vectors(b, 14)),
  LiberoInputs: (b) =>
    anyOf(
      families.map((model) => ({ kind: 'LiberoInputs', model })),
      {
        'observation/image': fc.oneof(pictures([b, 1, 2, 3]), pictures([b, 3, 1, 2])),
        'observation/wrist_image': pictures([b, 1, 2, 3]),
        'observation/state': reals([b, 8]),
      },
      { actions: reals([b, 2, 7]), prompt: prompts(b) },
    ),
  LiberoOutputs: (b) => given({ kind: 'LiberoOutputs' }, { actions: reals([b, 2, 9]) }),
  DroidInputs: (b) =>
    anyOf(
      families.map((model) => ({ kind: 'DroidInputs', model })),
      {
        'observation/exterior_image_1_left': pictures([b, 1, 2, 3]),
        'observation/wrist_image_left': pictures([b, 1, 2, 3]),
        'observation/joint_position': reals([b, 7]),
        'observation/gripper_position': fc.oneof(reals([b]), reals([b, 1])),
      },
      { actions: reals([b, 2, 8]), prompt: prompts(b) },
    ),
  DroidOutputs: (b) => given({ kind: 'DroidOutputs' }, { actions: reals([b, 2, 9]) }),
  DeltaActions: (b) => mask.chain((bits) => given({ kind: 'DeltaActions', mask: bits }, vectors(b))),
  AbsoluteActions: (b) => mask.chain((bits) => given({ kind: 'AbsoluteActions', mask: bits }, vectors(b))),
  SubsampleActions: (b) =>
    fc.integer({ min: 1, max: 4 }).chain((stride) => given({ kind: 'SubsampleActions', stride }, vectors(b))),
  SliceActions: (b) =>
    fc.integer({ min: 1, max: 4 }).chain((actionDim) => given({ kind: 'SliceActions', actionDim }, vectors(b))),
  Normalize: (b) => normalized('Normalize', b),
  Unnormalize: (b) => normalized('Unnormalize', b),
  ResizeImages: (b) =>
    given(
      { kind: 'ResizeImages', height: 3, width: 2 },
      {
        image: fc.record({
          base: wholes([b, 2, 4, 3], 'int32').map(
            ({ shape, data }) => new NdArray('uint8', shape, Uint8Array.from(data)),
          ),
        }),
      },
    ),
  TokenizePrompt: (b) =>
    anyOf(
      [
        { kind: 'TokenizePrompt', discreteStateInput: true },
        { kind: 'TokenizePrompt', discreteStateInput: false },
      ],
      { ...vectors(b), prompt: prompts(b) },
    ),
  TokenizeFASTInputs: (b) =>
    fc.oneof(
      given({ kind: 'TokenizeFASTInputs' }, { ...vectors(b), prompt: prompts(b) }),
      given({ kind: 'TokenizeFASTInputs' }, { state: reals([b, 4]), prompt: prompts(b) }),
    ),
  ExtractFASTActions: (b) =>
    given(
      { kind: 'ExtractFASTActions', actionHorizon: 2, actionDim: 3 },
      { actions: fc.oneof(wholes([b, 6], 'int32'), wholes([b, 6], 'float64')) },
    ),
  PadStatesAndActions: (b) =>
    fc.oneof(
      given({ kind: 'PadStatesAndActions', modelActionDim: 6 }, vectors(b)),
      given({ kind: 'PadStatesAndActions', modelActionDim: 4 }, { state: reals([b, 4]) }),
    ),
};

const tokens = (task: string, numbers: ArrayLike<number>) => {
  const text = [...task].slice(0, 4);
  return {
    tokens: Int32Array.from({ length: 6 }, (_, i) => text[i]?.charCodeAt(0) ?? Math.round(10 * (numbers[i - 4] ?? 0))),
    tokenMask: Uint8Array.from({ length: 6 }, (_, i) => (i < text.length ? 1 : 0)),
    truncated: task.length - text.length,
  };
};

/** Six tokens of a text and of its numbers; a chunk is its tokens, a tenth as large. */
export const stubTokenizers: Tokenizers = {
  prompt: ({ task, state }) => E.right(tokens(task, state ?? [])),
  fast: ({ task, state, actions }) =>
    E.right({
      ...tokens(task, [state[1] ?? 0, actions?.data[1] ?? 0]),
      tokenArMask: Int32Array.from({ length: 6 }, (_, i) => (actions === null ? 0 : i)),
      tokenLossMask: Uint8Array.from({ length: 6 }, (_, i) => (actions?.shape[0] === i ? 1 : 0)),
    }),
  extractActions: (found, shape) => E.right({ shape, data: Float32Array.from(found, (token) => token / 10) }),
};

const rowsOf = (value: DataValue, from: number, to: number): DataValue => {
  if (value instanceof NdArray) {
    const [b = 0, ...shape] = value.shape;
    const row = value.data.length / b;
    return new NdArray(value.dtype, [to - from, ...shape], value.data.slice(from * row, to * row));
  }
  return isTexts(value) ? value.slice(from, to) : rows(value, from, to);
};

const isTexts = (value: DataValue): value is readonly string[] => Array.isArray(value);

/** A copy of some samples of a batch. */
export const rows = (batch: DataDict, from: number, to: number): DataDict =>
  Object.fromEntries(Object.entries(batch).map(([key, value]) => [key, rowsOf(value, from, to)]));
