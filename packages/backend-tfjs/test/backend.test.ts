import type { Backend, Buffer } from '@torsor/backend';
import {
  add,
  type Expr,
  fromFloat64,
  matmul,
  mul,
  program,
  reduceSum,
  scan,
  type TensorType,
  tanh,
  tensorType,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsCore } from '../src/native/core.js';
import { openTfjs } from '../src/open.js';
import { done } from './agreement.js';

let backend: Backend;

beforeAll(async () => {
  backend = await done(openTfjs('wasm', { env: process.env, project: process.cwd() }));
});

const ok = <L, R>(result: E.Either<L, R>): R => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const matrix = tensorType('f32', [4, 4]);
const stepping = ok(
  program({ state: matrix, xs: tensorType('f32', [6, 4, 4]) }, ({ state, xs }) => {
    const { carry } = scan((c: Expr, x: Expr) => ({ carry: tanh(add(matmul(c, x), c)), y: {} }), state, xs);
    return { state: carry, loss: reduceSum(mul(carry, carry)) };
  }),
);
const filled = (type: TensorType, value: number): Promise<Buffer> =>
  done(backend.put(fromFloat64(type, new Float64Array(type.shape.reduce((a, b) => a * b, 1)).fill(value))));

describe('memory', () => {
  it('is flat over a thousand steps, by tfjs own count and by ours', async () => {
    const executable = await done(backend.compile(stepping));
    const core = tfjsCore();
    const xs = await filled(tensorType('f32', [6, 4, 4]), 0.1);
    let state = await filled(matrix, 0.5);
    const before = {
      ours: backend.memory(),
      tensors: core.memory().numTensors,
      data: core.engine().backend.numDataIds(),
    };
    for (let step = 0; step < 1000; step++) {
      const next = await done(backend.run(executable, { state, xs }, { donate: ['state'] }));
      await done(backend.release([next.loss]));
      state = next.state;
    }
    const after = {
      ours: backend.memory(),
      tensors: core.memory().numTensors,
      data: core.engine().backend.numDataIds(),
    };
    expect(after).toEqual(before);
    await done(backend.release([state, xs]));
  });

  it('is given back when a run does not donate', async () => {
    const executable = await done(backend.compile(stepping));
    const [xs, state] = [await filled(tensorType('f32', [6, 4, 4]), 0.1), await filled(matrix, 0.5)];
    const results = await done(backend.run(executable, { state, xs }));
    const again = await done(backend.run(executable, { state, xs }));
    expect((await done(backend.get(results.loss))).data).toEqual((await done(backend.get(again.loss))).data);
    await done(backend.release([results.state, results.loss, again.state, again.loss, state, xs]));
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0 });
  });
});

describe('refusals', () => {
  it('names the primitive whose dtype tfjs has not, before anything runs', async () => {
    const wide = ok(program({ x: tensorType('f64', [2]) }, ({ x }) => mul(x, x)));
    const refused = await backend.compile(wide)();
    expect(refused).toMatchObject({
      left: { _tag: 'UnsupportedDType', backend: 'tfjs-wasm', primitive: 'input x', dtype: 'f64' },
    });
  });

  it('knows a released buffer, a donated one and one of another backend', async () => {
    const executable = await done(backend.compile(stepping));
    const [xs, state] = [await filled(tensorType('f32', [6, 4, 4]), 0.1), await filled(matrix, 0.5)];
    const results = await done(backend.run(executable, { state, xs }, { donate: ['state'] }));
    expect(await backend.get(state)()).toMatchObject({ left: { _tag: 'ReleasedBuffer' } });
    await done(backend.release([results.state, results.loss, xs]));
    expect(await backend.release([xs])()).toMatchObject({ left: { _tag: 'ReleasedBuffer' } });
    const foreign = { backend: 'reference', type: matrix };
    expect(await backend.get(foreign)()).toMatchObject({ left: { _tag: 'Foreign' } });
  });

  it('says which input is missing or of another type', async () => {
    const executable = await done(backend.compile(stepping));
    const xs = await filled(matrix, 0.1);
    const state = await filled(matrix, 0.5);
    expect(await backend.run(executable, { state, xs })()).toMatchObject({
      left: { _tag: 'BadInput', error: { path: 'xs' } },
    });
    const sameTwice = await backend.run(executable, { state, xs: state }, { donate: ['state'] })();
    expect(E.isLeft(sameTwice)).toBe(true);
    await done(backend.release([xs, state]));
  });
});
