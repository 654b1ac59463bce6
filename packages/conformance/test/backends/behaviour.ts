import { Buffer as NodeBuffer } from 'node:buffer';
import { type Backend, Buffer, Executable } from '@torsor/backend';
import {
  add,
  convert,
  dtypes,
  type Expr,
  fromFloat64,
  mul,
  neg,
  reduceSum,
  scan,
  tanh,
  tensorType,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { orThrow } from '../golden/on-backend.js';
import { everyBit, rawBytes } from './bits.js';
import { type Behaviour, built, numbers, pair, put, sumAndProduct } from './buffers.js';
import { sharing } from './sharing.js';

const stepping = built({ state: { a: pair, b: pair }, xs: tensorType('f32', [50, 2]) }, ({ state, xs }) => {
  const step = (c: Expr, x: Expr): { readonly carry: Expr; readonly y: Expr } => ({
    carry: tanh(add(mul(c, state.b), x)),
    y: reduceSum(mul(c, x)),
  });
  const { carry, ys } = scan(step, state.a, xs);
  return { state: { a: carry, b: mul(state.b, 0.99) }, loss: reduceSum(ys) };
});

const stepInputs = async (backend: Backend) => ({
  state: { a: await put(backend, 0.1, -0.2), b: await put(backend, 0.3, 0.4) },
  xs: await orThrow(backend.put(fromFloat64(tensorType('f32', [50, 2]), new Float64Array(100).fill(0.01)))),
});

/** Bits and values that go in and out. */
const transfers: readonly Behaviour[] = [
  ...dtypes.map((dtype) => ({
    name: `put, then get, keeps every bit of ${dtype}, or put refuses ${dtype}`,
    check: async (backend: Backend): Promise<void> => {
      const value = everyBit(dtype);
      const there = await backend.put(value)();
      if (!backend.capabilities.dtypes.includes(dtype)) {
        expect(there).toMatchObject(E.left({ _tag: 'UnsupportedDType', dtype }));
        return;
      }
      if (E.isLeft(there)) throw new Error(there.left._tag);
      const back = await orThrow(backend.get(there.right));
      expect(back.type).toEqual(value.type);
      expect(NodeBuffer.compare(rawBytes(back.data), rawBytes(value.data))).toBe(0);
      await orThrow(backend.release([there.right]));
    },
  })),
  {
    name: 'scalars and empty tensors go in and out',
    check: async (backend) => {
      for (const shape of [[], [0], [2, 0, 3], [1, 1]]) {
        const value = fromFloat64(tensorType('f32', shape), [4].slice(0, shape.includes(0) ? 0 : 1));
        const buffer = await orThrow(backend.put(value));
        expect(await orThrow(backend.get(buffer))).toEqual(value);
        expect(await orThrow(backend.get(buffer))).toEqual(value);
        await orThrow(backend.release([buffer]));
      }
    },
  },
];

/** Who owns what. */
const ownership: readonly Behaviour[] = [
  {
    name: 'a released buffer cannot be read, run on or released',
    check: async (backend) => {
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
      const executable = await orThrow(backend.compile(sumAndProduct));
      await orThrow(backend.release([x]));
      const released = E.left({ _tag: 'ReleasedBuffer', type: pair });
      expect(await backend.get(x)()).toMatchObject(released);
      expect(await backend.run(executable, { x, y })()).toMatchObject(released);
      expect(await backend.release([x])()).toMatchObject(released);
      await orThrow(backend.release([y]));
    },
  },
  {
    name: 'donated inputs are released and the results are right',
    check: async (backend) => {
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
      const executable = await orThrow(backend.compile(sumAndProduct));
      const { sum, product } = await orThrow(backend.run(executable, { x, y }, { donate: ['x'] }));
      expect(await backend.get(x)()).toMatchObject(E.left({ _tag: 'ReleasedBuffer' }));
      expect(await numbers(backend, y)).toEqual([3, 4]);
      expect(await numbers(backend, sum)).toEqual([4, 6]);
      expect(await numbers(backend, product)).toEqual([3, 8]);
      await orThrow(backend.release([y, sum, product]));
    },
  },
  {
    name: 'donating a node gives up all below it, and a path is no prefix of a longer name',
    check: async (backend) => {
      const type = { state: { a: pair, b: pair }, stateless: pair };
      const executable = await orThrow(
        backend.compile(built(type, ({ state, stateless }) => add(add(state.a, state.b), stateless))),
      );
      const state = { a: await put(backend, 1, 1), b: await put(backend, 2, 2) };
      const stateless = await put(backend, 3, 3);
      const sum = await orThrow(backend.run(executable, { state, stateless }, { donate: ['state'] }));
      expect(await numbers(backend, sum)).toEqual([6, 6]);
      for (const gone of [state.a, state.b])
        expect(await backend.get(gone)()).toMatchObject(E.left({ _tag: 'ReleasedBuffer' }));
      await orThrow(backend.release([sum, stateless]));
    },
  },
  {
    name: 'a refused run gives nothing up',
    check: async (backend) => {
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3)];
      const executable = await orThrow(backend.compile(sumAndProduct));
      expect(await backend.run(executable, { x, y }, { donate: ['x'] })()).toMatchObject(E.left({ _tag: 'BadInput' }));
      expect(await numbers(backend, x)).toEqual([1, 2]);
      await orThrow(backend.release([x, y]));
    },
  },
  {
    name: 'a path that names no input cannot be donated, and nothing is given up',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
      for (const path of ['z', 'x/y', 'X']) {
        expect(await backend.run(executable, { x, y }, { donate: ['x', path] })()).toMatchObject(
          E.left({ _tag: 'BadDonation', path, reason: expect.stringContaining('x, y') }),
        );
      }
      expect(await numbers(backend, x)).toEqual([1, 2]);
      await orThrow(backend.release([x, y]));
    },
  },
  {
    name: 'a buffer that is two inputs cannot be donated, and is not given up',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      const x = await put(backend, 3, 4);
      for (const path of ['x', 'y', '']) {
        expect(await backend.run(executable, { x, y: x }, { donate: [path] })()).toMatchObject(
          E.left({ _tag: 'BadDonation', reason: expect.stringContaining('x and y are one buffer') }),
        );
      }
      expect(await numbers(backend, x)).toEqual([3, 4]);
      await orThrow(backend.release([x]));
    },
  },
  {
    name: 'outputs are buffers of their own, also of an input and of one expression twice',
    check: async (backend) => {
      const executable = await orThrow(
        backend.compile(built({ x: pair }, ({ x }) => ({ same: x, again: x, one: neg(x), two: neg(x) }))),
      );
      const x = await put(backend, 1, 2);
      const first = await orThrow(backend.run(executable, { x }));
      const second = await orThrow(backend.run(executable, { x }));
      await orThrow(backend.release([x, first.same, first.one, ...Object.values(second)]));
      expect(await numbers(backend, first.again)).toEqual([1, 2]);
      expect(await numbers(backend, first.two)).toEqual([-1, -2]);
      await orThrow(backend.release([first.again, first.two]));
    },
  },
  {
    name: 'an output that is a donated input is valid',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(built({ x: pair }, ({ x }) => ({ x, y: add(x, 1), z: x }))));
      const x = await put(backend, 1, 2);
      const out = await orThrow(backend.run(executable, { x }, { donate: ['x'] }));
      await orThrow(backend.release([out.x]));
      expect(await numbers(backend, out.y)).toEqual([2, 3]);
      expect(await numbers(backend, out.z)).toEqual([1, 2]);
      await orThrow(backend.release([out.y, out.z]));
    },
  },
  {
    name: 'one buffer may be two inputs',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      const x = await put(backend, 3, 4);
      const { sum, product } = await orThrow(backend.run(executable, { x, y: x }));
      expect(await numbers(backend, product)).toEqual([9, 16]);
      await orThrow(backend.release([x, sum, product]));
    },
  },
];

const foreign = new Buffer('another', pair);

/** What is refused, and how the refusal names it. */
const refusals: readonly Behaviour[] = [
  {
    name: 'a buffer of another backend is refused',
    check: async (backend) => {
      const refusal = E.left({ _tag: 'Foreign', backend: backend.name });
      const y = await put(backend, 1, 2);
      const executable = await orThrow(backend.compile(sumAndProduct));
      expect(await backend.get(foreign)()).toMatchObject(refusal);
      expect(await backend.release([foreign])()).toMatchObject(refusal);
      expect(await backend.run(executable, { x: foreign, y })()).toMatchObject(refusal);
      await orThrow(backend.release([y]));
    },
  },
  {
    name: 'an executable of another backend is refused',
    check: async (backend) => {
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
      const ran = await backend.run(new Executable('another', sumAndProduct), { x, y })();
      const results = E.isRight(ran) ? Object.values(ran.right) : [];
      await orThrow(backend.release([x, y, ...results]));
      expect(ran).toMatchObject(E.left({ _tag: 'Foreign', backend: backend.name }));
    },
  },
  {
    name: 'a missing, unknown or mistyped input is named',
    check: async (backend) => {
      // Trees that the types forbid and a caller without types can give.
      const executable: Executable = await orThrow(backend.compile(sumAndProduct));
      const [x, y, short] = [await put(backend, 1, 2), await put(backend, 3, 4), await put(backend, 3)];
      const bad = (path: string) => E.left({ _tag: 'BadInput', error: { path } });
      const run = (inputs: Readonly<Record<string, Buffer>>) => backend.run(executable, inputs as never)();
      expect(await run({ x })).toMatchObject(bad('y'));
      expect(await run({ x, y, z: x })).toMatchObject(bad('z'));
      expect(await run({ x, y: short })).toMatchObject(bad('y'));
      await orThrow(backend.release([x, y, short]));
    },
  },
  {
    name: 'a dtype that it has not is refused at compile time with the primitive that needs it',
    check: async (backend) => {
      const { dtypes: supported } = backend.capabilities;
      for (const dtype of dtypes.filter((each) => !supported.includes(each) && each !== 'bool')) {
        const inside = built({ x: pair }, ({ x }) => convert(neg(convert(x, dtype)), 'f32'));
        expect(await backend.compile(inside)()).toMatchObject(
          E.left({ _tag: 'UnsupportedDType', backend: backend.name, primitive: 'convert', dtype, supported }),
        );
      }
    },
  },
];

/** Memory. */
const memory: readonly Behaviour[] = [
  {
    name: 'memory() counts the buffers that the caller owns, and nothing after they are released',
    check: async (backend) => {
      const before = backend.memory();
      const inputs = await stepInputs(backend);
      const executable = await orThrow(backend.compile(stepping));
      expect(backend.memory().buffers).toBe(before.buffers + 3);
      const { state, loss } = await orThrow(backend.run(executable, inputs));
      expect(backend.memory().buffers).toBe(before.buffers + 6);
      await orThrow(backend.release([inputs.state.a, inputs.state.b, inputs.xs, state.a, state.b, loss]));
      expect(backend.memory()).toEqual(before);
    },
  },
  {
    name: 'a thousand runs leave memory() as it was',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      let [x, y] = [await put(backend, 0.5, 0.25), await put(backend, 0, 0)];
      const before = backend.memory();
      for (let step = 0; step < 1000; step++) {
        const next = await orThrow(backend.run(executable, { x, y }, { donate: ['x', 'y'] }));
        [x, y] = [next.sum, next.product];
      }
      expect(backend.memory()).toEqual(before);
      await orThrow(backend.release([x, y]));
    },
  },
  {
    name: 'fifty runs of a loop leave memory() as it was',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(stepping));
      const { xs, ...start } = await stepInputs(backend);
      let { state } = start;
      const before = backend.memory();
      for (let step = 0; step < 50; step++) {
        const next = await orThrow(backend.run(executable, { state, xs }, { donate: ['state'] }));
        await orThrow(backend.release([next.loss]));
        state = next.state;
      }
      expect(backend.memory()).toEqual(before);
      await orThrow(backend.release([state.a, state.b, xs]));
    },
  },
  {
    name: 'the same inputs give the same bits',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(stepping));
      const inputs = await stepInputs(backend);
      const [one, two] = [
        await orThrow(backend.run(executable, inputs)),
        await orThrow(backend.run(executable, inputs)),
      ];
      expect(await numbers(backend, one.state.a)).toEqual(await numbers(backend, two.state.a));
      expect(await numbers(backend, one.loss)).toEqual(await numbers(backend, two.loss));
      const { state, xs } = inputs;
      await orThrow(
        backend.release([state.a, state.b, xs, one.state.a, one.state.b, one.loss, two.state.a, two.state.b, two.loss]),
      );
    },
  },
];

/** Every behaviour of every backend. */
export const behaviours: readonly Behaviour[] = [...transfers, ...ownership, ...sharing, ...refusals, ...memory];

/** What must hold when everything else has been done. */
export const afterwards: readonly Behaviour[] = [
  {
    name: 'in the end it holds nothing',
    check: async (backend) => {
      expect(backend.memory()).toEqual({ buffers: 0, bytes: 0 });
    },
  },
];
