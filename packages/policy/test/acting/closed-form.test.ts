import { type Backend, type BackendError, referenceBackend } from '@torsor/backend';
import { foldIn, key, normal } from '@torsor/random';
import { TensorValue, tensorType } from '@torsor/tensor';
import * as fc from 'fast-check';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ActingPolicy, openPolicy, type RobotObservation } from '../../src/index.js';
import { characters } from '../characters.js';
import { carried, numbers } from '../closed-form.js';
import { left, right } from '../right.js';
import { runFolder } from '../saved-run.js';
import { zerosBut } from '../zeros-but.js';
import { type Saved, savePolicy } from './saved-policy.js';

const folder = runFolder();

const tokenizer = characters(140);

const robot = (...state: readonly number[]): RobotObservation => ({ state, prompt: 'go', pictures: {} });

/** A policy of known velocity whose first dimension is commanded as a delta. */
const known = async (kind: 'pi0' | 'pi05', saved: Saved = {}) =>
  savePolicy(await folder.fresh(), kind, {
    params: (types) => zerosBut(types, numbers[kind]),
    data: { deltaActionMask: [true, false] },
    ...saved,
  });

/**
 * The chunk of the robot at a place, by hand: noise of the key folded with the place, carried to t = 0 in four steps, less
 * the padded dimension, times the deviations and plus the means; the first dimension plus the state's.
 */
const chunkOf = (kind: 'pi0' | 'pi05', seed: number, place: number, at: number, ahead = 0): readonly number[] => {
  const x = carried(kind, normal(foldIn(key(seed), place), 6), 4);
  return [0, 1].flatMap((i) => [at + 10 + 2 * ((x[3 * i] ?? 0) - ahead), 20 + 4 * (x[3 * i + 1] ?? 0)]);
};

const close = (expected: readonly number[]) => expected.map((x) => expect.closeTo(x, 3));

describe.each(['pi0', 'pi05'] as const)('a policy of %s whose velocity is known', (kind) => {
  let policy: ActingPolicy;
  const backend = referenceBackend();
  let compiled = 0;
  const counting: Backend = {
    ...backend,
    compile: (made, options) => {
      compiled += 1;
      return backend.compile(made, options);
    },
  };

  beforeAll(async () => {
    const { path } = await known(kind);
    policy = right(await openPolicy({ backend: counting, path, tokenizer })());
  });

  it('says what it is', () => {
    const { model, step, cameras, stateDim, actionDim } = policy;
    expect({ kind: model.kind, step, cameras, stateDim, actionDim }).toEqual({
      kind,
      step: 20,
      cameras: [],
      stateDim: 2,
      actionDim: 2,
    });
  });

  it('does nothing for no robots, and compiles nothing before there is one', async () => {
    expect(right(await policy.act([], key(3))())).toEqual([]);
    expect(compiled).toBe(0);
  });

  it('acts for each in the units of the robot', async () => {
    const acted = right(await policy.act([robot(100, 0), robot(-50, 1)], key(3))());
    expect(acted.map(({ actions, ...said }) => ({ ...said, actions: [...actions] }))).toEqual([
      { actions: close(chunkOf(kind, 3, 0, 100)), horizon: 2, failure: null },
      { actions: close(chunkOf(kind, 3, 1, -50)), horizon: 2, failure: null },
    ]);
  });

  it('by place, state and key alone, however many others there are', async () => {
    const state = fc.integer({ min: -100, max: 100 });
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 4 }), fc.nat(1000), async (states, seed) => {
        const acted = right(
          await policy.act(
            states.map((x) => robot(x, 0)),
            key(seed),
          )(),
        );
        expect(acted.map(({ actions }) => [...actions])).toEqual(
          states.map((x, place) => close(chunkOf(kind, seed, place, x))),
        );
      }),
      { numRuns: 8 },
    );
  });

  it('is compiled once for each number of robots', async () => {
    const robots = (count: number) => Array.from({ length: count }, (_, x) => robot(x, 0));
    const before = compiled;
    for (const count of [6, 5, 6, 6, 5]) right(await policy.act(robots(count), key(3))());
    expect(compiled).toBe(before + 2);
  });

  it('keeps nothing on the device but its parameters, and those until it is closed', async () => {
    const held = backend.memory().buffers;
    expect(held).toBeGreaterThan(10);
    right(await policy.act([robot(0, 0)], key(3))());
    expect(backend.memory().buffers).toBe(held);
    right(await policy.close());
    expect(backend.memory().buffers).toBe(0);
  });
});

describe('averaged parameters', () => {
  const biased = (...bias: readonly number[]): TensorValue =>
    new TensorValue(tensorType('f32', [3]), Float32Array.from(bias));

  const first = async (saved: Saved, live?: boolean): Promise<readonly number[]> => {
    const { path } = await known('pi0', saved);
    const backend = referenceBackend();
    const options = { backend, path, tokenizer, ...(live === undefined ? {} : { live }) };
    const policy = right(await openPolicy(options)());
    const buffers = backend.memory().buffers;
    expect(buffers).toBe(parameters);
    const [acted] = right(await policy.act([robot(100, 0)], key(3))());
    right(await policy.close());
    expect(backend.memory().buffers).toBe(0);
    return [...(acted?.actions ?? [])];
  };

  let parameters = 0;

  beforeAll(async () => {
    const { path } = await known('pi0');
    const backend = referenceBackend();
    right(await openPolicy({ backend, path, tokenizer })());
    parameters = backend.memory().buffers;
  });

  // A velocity that is 5 more for the first dimension carries it 5 less far.
  const ema = { action_out_proj: { bias: biased(5, 0, 0) } };

  it('act in place of those that were trained, and the others beside them', async () => {
    expect(await first({ others: { ema } })).toEqual(close(chunkOf('pi0', 3, 0, 100, 5)));
    expect(await first({ others: { ema } }, false)).toEqual(close(chunkOf('pi0', 3, 0, 100, 5)));
  });

  it('do not where the trained ones are asked for', async () => {
    expect(await first({ others: { ema } }, true)).toEqual(close(chunkOf('pi0', 3, 0, 100)));
  });

  it('need not be there', async () => {
    expect(await first({ others: {} })).toEqual(close(chunkOf('pi0', 3, 0, 100)));
    expect(await first({})).toEqual(close(chunkOf('pi0', 3, 0, 100)));
  });

  it('are not what is kept beside them, which is left where it is', async () => {
    const bias = { action_out_proj: { bias: biased(7, 7, 7) } };
    // A part whose name is as long as that of the averages.
    const beside = { optimizer: { mu: bias }, raw: bias };
    expect(await first({ others: beside })).toEqual(close(chunkOf('pi0', 3, 0, 100)));
    expect(await first({ others: { ...beside, ema } })).toEqual(close(chunkOf('pi0', 3, 0, 100, 5)));
  });
});

describe('on a mesh', () => {
  it('parameters and averages lie as parameters, and programs are compiled for that', async () => {
    const backend = referenceBackend();
    const axes = [
      { name: 'data', size: 2 },
      { name: 'fsdp', size: 2 },
    ];
    const lies = new Map<string, unknown>();
    const compiledFor: unknown[] = [];
    const mesh: Backend = {
      ...backend,
      capabilities: { ...backend.capabilities, mesh: { axes } },
      put: (value, spec) => {
        lies.set(`${value.type.shape.join()} ${lies.size}`, spec);
        return backend.put(value);
      },
      compile: (made, options) => {
        compiledFor.push(options?.specOf?.('noise', tensorType('f32', [4, 2, 3])));
        return backend.compile(made);
      },
    };
    const kernel = new TensorValue(tensorType('f32', [3, 8]), new Float32Array(24));
    const { path } = await known('pi0', { others: { ema: { action_in_proj: { kernel } } } });
    const policy = right(await openPolicy({ backend: mesh, path, tokenizer })());
    const specs = (shape: string) => [...lies].filter(([name]) => name.startsWith(`${shape} `)).map(([, spec]) => spec);
    // The state's projection, and that of actions, of which the averages are put alone.
    expect(specs('3,8')).toEqual([
      [[], ['fsdp']],
      [[], ['fsdp']],
    ]);
    expect(specs('8,3')).toEqual([[['fsdp']]]);
    expect(specs('3')).toEqual([[]]);
    right(
      await policy.act(
        [0, 1, 2, 3].map((x) => robot(x, 0)),
        key(3),
      )(),
    );
    expect(compiledFor).toEqual([[['data', 'fsdp']]]);
  });
});

describe('what the backend refuses', () => {
  const failure: BackendError = { _tag: 'RuntimeFailure', backend: 'reference', during: 'a test', message: 'none' };

  it('of parameters, when it is opened', async () => {
    const { path } = await known('pi0');
    const backend = { ...referenceBackend(), put: () => TE.left(failure) };
    expect(left(await openPolicy({ backend, path, tokenizer })())).toEqual({ _tag: 'Backend', error: failure });
  });

  it('of one of the parameters: the others are given back', async () => {
    const { path } = await known('pi0');
    const backend = referenceBackend();
    let puts = 0;
    const put: Backend['put'] = (value, spec) => (++puts > 5 ? TE.left(failure) : backend.put(value, spec));
    expect(left(await openPolicy({ backend: { ...backend, put }, path, tokenizer })())).toMatchObject({
      _tag: 'Backend',
    });
    expect([puts, backend.memory().buffers]).toEqual([6, 0]);
  });

  it('of a program, when it is to act, and again the next time', async () => {
    const { path } = await known('pi0');
    const backend = referenceBackend();
    let refuses = true;
    const compile: Backend['compile'] = (made, options) =>
      refuses ? TE.left(failure) : backend.compile(made, options);
    const policy = right(await openPolicy({ backend: { ...backend, compile }, path, tokenizer })());
    expect(left(await policy.act([robot(1, 0)], key(3))())).toEqual({ _tag: 'Backend', error: failure });
    refuses = false;
    expect(right(await policy.act([robot(1, 0)], key(3))()).length).toBe(1);
  });

  it('to give back, when it is closed', async () => {
    const { path } = await known('pi0');
    const backend = { ...referenceBackend(), release: () => TE.left(failure) };
    const policy = right(await openPolicy({ backend, path, tokenizer })());
    expect(left(await policy.close())).toEqual({ _tag: 'Backend', error: failure });
  });
});
