import { type Buffer, referenceBackend } from '@torsor/backend';
import { foldIn, key } from '@torsor/random';
import type { Tree } from '@torsor/tree';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ActingPolicy,
  openPolicy,
  type Picture,
  putTree,
  type RobotObservation,
  type SeenInputs,
} from '../../src/index.js';
import { characters } from '../characters.js';
import { left, right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { drawn, savePolicy, statistics } from './saved-policy.js';

const folder = runFolder();

const tokenizer = characters(140);

const cameras = { cameras: ['front', 'left', 'wrist'], imageSize: [16, 16], siglip: 'mu/16' };

const size = 16 * 16 * 3;

/** A picture of one colour. */
const plain = (height: number, width: number, value: number): Picture => ({
  height,
  width,
  data: new Uint8Array(height * width * 3).fill(value),
});

/** A picture of the size of the model in which no two neighbours are alike. */
const busy = (from: number): Picture => ({
  height: 16,
  width: 16,
  data: Uint8Array.from({ length: size }, (_, i) => (from + 37 * i) % 256),
});

let policy: ActingPolicy;

let expected: (prompts: SeenInputs, states: readonly number[], seed: number) => Promise<readonly number[]>;

beforeAll(async () => {
  const { path, model } = await savePolicy(await folder.fresh(), 'pi0', {
    model: cameras,
    // Of the left camera nothing is given, whatever the policy was built for.
    data: { cameras: { wrist: 'observation.images.w', front: 'observation.images.f', left: null } },
  });
  const backend = referenceBackend();
  policy = right(await openPolicy({ backend, path, tokenizer })());
  const placement = { backend, specOf: () => [] };
  const params = right(await putTree(placement)(drawn(model.paramTypes))()) as Tree<Buffer>;
  const sampler = right(
    await model.sampler({
      placement,
      params: model.paramTypes,
      pictures: { features: { front: 'f', wrist: 'w' }, absent: ['left'], size: [16, 16], augment: null },
      batchSize: 2,
      numSamplingSteps: 4,
      severalDraws: false,
      meaning: {
        space: { stats: statistics, normMode: 'mean_std', deltaActionMask: null, adaptToPi: false, actionDim: 3 },
        tokenizers: null,
      },
    })(),
  );
  expected = async (prompts, states, seed) => {
    const start = { state: Float32Array.from(states), stateDim: 2, actionDim: 2, actionHorizon: 2 };
    const keys = [0, 1].map((place) => foldIn(key(seed), place));
    return [...right(await sampler(params, { prompts, start, keys, draw: 0 })()).actions];
  };
});

const acts = async (robots: readonly RobotObservation[], seed: number): Promise<readonly number[]> =>
  right(await policy.act(robots, key(seed))()).flatMap(({ actions }) => [...actions]);

const first: RobotObservation = { state: [3, 6], prompt: 'go', pictures: { front: busy(1), wrist: busy(2) } };

const second: RobotObservation = {
  state: Float64Array.of(1, -2),
  prompt: 'up_a',
  pictures: { wrist: busy(3), front: busy(4) },
};

/** The two as the model sees them: states normalized and padded, prompts in characters, pictures by camera. */
const seen: SeenInputs = {
  state: Float32Array.from([1, 1, 0, 0, -1, 0], (x) => x / (1 + 5e-7)),
  tokens: Int32Array.of(2, 106, 114, 13, 0, 0, 0, 0, 2, 120, 115, 35, 100, 13, 0, 0),
  tokenMask: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0),
  images: {
    front: Uint8Array.of(...busy(1).data, ...busy(4).data),
    wrist: Uint8Array.of(...busy(2).data, ...busy(3).data),
  },
};

const close = (numbers: readonly number[]) => numbers.map((x) => expect.closeTo(x, 4));

/** Farther from each other than rounding is. */
const differ = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.some((x, i) => Math.abs(x - (b[i] ?? 0)) > 1e-3);

describe('what robots see', () => {
  it('is shown to the model as training shows it: normalized, in tokens, in its pictures', async () => {
    expect(await acts([first, second], 5)).toEqual(close(await expected(seen, [3, 6, 1, -2], 5)));
  });

  it.each<readonly [string, Partial<RobotObservation>]>([
    ['the state', { state: [3, 7] }],
    ['the prompt', { prompt: 'up' }],
    ['a picture', { pictures: { front: busy(1), wrist: busy(3) } }],
    ['the order of the pictures', { pictures: { front: busy(2), wrist: busy(1) } }],
  ])('matters to its actions, and to no other: %s', async (_, more) => {
    const [before, after] = [await acts([first, second], 5), await acts([{ ...first, ...more }, second], 5)];
    expect(differ(before.slice(0, 4), after.slice(0, 4))).toBe(true);
    expect(after.slice(4)).toEqual(close(before.slice(4)));
  });

  it('alone a robot acts as beside others in its place', async () => {
    expect(await acts([first], 5)).toEqual(close((await acts([first, second], 5)).slice(0, 4)));
  });

  it('the same key gives the same actions, another one others', async () => {
    expect(await acts([first, second], 5)).toEqual(await acts([first, second], 5));
    expect(differ(await acts([first, second], 5), await acts([first, second], 6))).toBe(true);
  });

  it('pictures of other sizes are resized without distortion, on black', async () => {
    const wide = { ...first, pictures: { front: plain(4, 8, 200), wrist: plain(32, 32, 90) } };
    // 4 by 8 becomes 8 by 16: rows 4 to 11.
    const front = new Uint8Array(size).fill(200, 4 * 16 * 3, 12 * 16 * 3);
    const images = {
      front: Uint8Array.of(...front, ...busy(4).data),
      wrist: Uint8Array.of(...plain(16, 16, 90).data, ...busy(3).data),
    };
    expect(await acts([wide, second], 5)).toEqual(close(await expected({ ...seen, images }, [3, 6, 1, -2], 5)));
  });
});

describe('an observation that is none is refused by robot and field', () => {
  it('names the cameras that are needed', () => {
    expect(policy.cameras).toEqual(['front', 'wrist']);
  });

  const refused = async (more: object) => left(await policy.act([first, { ...second, ...more }], key(5))());

  it.each<readonly [field: string, expected: string, found: string, more: Partial<RobotObservation>]>([
    ['state', '2 numbers', '1', { state: [1] }],
    ['state', '2 numbers', '3', { state: [1, 2, 3] }],
    ['state[1]', 'a finite number', 'NaN', { state: [1, Number.NaN] }],
    ['state[0]', 'a finite number', 'Infinity', { state: [Number.POSITIVE_INFINITY, 1] }],
    ['pictures.wrist', 'a picture', 'missing', { pictures: { front: busy(1) } }],
    ['pictures.front', 'a picture', 'missing', { pictures: { wrist: busy(1) } }],
    [
      'pictures.left',
      'of the cameras front, wrist',
      'of no camera of the policy',
      { pictures: { front: busy(1), wrist: busy(1), left: busy(1) } },
    ],
    [
      'pictures.front',
      '16·16·3 bytes',
      '767 bytes',
      { pictures: { front: { ...busy(1), data: new Uint8Array(767) }, wrist: busy(1) } },
    ],
    [
      'pictures.wrist',
      '2·4·3 bytes',
      '25 bytes',
      { pictures: { front: busy(1), wrist: { height: 2, width: 4, data: new Uint8Array(25) } } },
    ],
  ])('%s: %s, not %s', async (field, wanted, found, more) => {
    expect(await refused(more)).toEqual({ _tag: 'BadObservation', robot: 1, field, expected: wanted, found });
  });

  it('the first one of several', async () => {
    const both = await policy.act(
      [
        { ...first, state: [] },
        { ...second, state: [1] },
      ],
      key(5),
    )();
    expect(left(both)).toMatchObject({ robot: 0, field: 'state', found: '0' });
  });

  it('a prompt that does not fit is refused', async () => {
    expect(await refused({ prompt: 'pick it up' })).toMatchObject({
      _tag: 'Transform',
      error: { _tag: 'TokenizerRefused', transform: 'TokenizePrompt' },
    });
  });
});

describe('a policy without cameras', () => {
  it('is shown no pictures', async () => {
    const { path } = await savePolicy(await folder.fresh(), 'pi0');
    const blind = right(await openPolicy({ backend: referenceBackend(), path, tokenizer })());
    expect(blind.cameras).toEqual([]);
    expect(left(await blind.act([first], key(5))())).toEqual({
      _tag: 'BadObservation',
      robot: 0,
      field: 'pictures.front',
      expected: 'of the cameras (none)',
      found: 'of no camera of the policy',
    });
  });
});
