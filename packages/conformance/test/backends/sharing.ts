import type { Backend, Buffer } from '@torsor/backend';
import { add, constant, fromFloat64, neg, tensorValue } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { orThrow } from '../golden/on-backend.js';
import { type Behaviour, built, numbers, pair, put, sumAndProduct } from './buffers.js';

const released = E.left({ _tag: 'ReleasedBuffer', type: pair });

/** What the host holds and what the backend holds are two things. */
const copies: readonly Behaviour[] = [
  {
    name: 'put copies: what the host writes later does not reach the buffer',
    check: async (backend) => {
      // Runtimes may share memory that is aligned and copy other memory: every alignment of numbers to 64 bytes.
      const host = new Float32Array(34).fill(1);
      const there: Buffer[] = [];
      for (let from = 0; from < 16; from++) {
        const value = tensorValue('f32', [2], host.subarray(from, from + 2));
        if (E.isLeft(value)) throw new Error(value.left._tag);
        there.push(await orThrow(backend.put(value.right)));
      }
      host.fill(7);
      const found: (readonly number[])[] = [];
      for (const buffer of there) found.push(await numbers(backend, buffer));
      await orThrow(backend.release(there));
      expect(found).toEqual(there.map(() => [1, 1]));
    },
  },
  {
    name: 'get copies: what the host writes into it does not reach the buffer',
    check: async (backend) => {
      const x = await put(backend, 1, 2);
      (await orThrow(backend.get(x))).data.fill(7);
      const found = await numbers(backend, x);
      await orThrow(backend.release([x]));
      expect(found).toEqual([1, 2]);
    },
  },
  {
    name: 'get copies: what was read stays when the buffer goes and others come',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(built({ x: pair }, ({ x }) => neg(x))));
      const x = await put(backend, 1, 2);
      const y = await orThrow(backend.run(executable, { x }));
      const { data } = await orThrow(backend.get(y));
      await orThrow(backend.release([x, y]));
      const later = await Promise.all([3, 4, 5, 6].map((n) => put(backend, n, n)));
      expect([...data]).toEqual([-1, -2]);
      await orThrow(backend.release(later));
    },
  },
];

/** Givings-up that meet. */
const twice: readonly Behaviour[] = [
  {
    name: 'one buffer twice in one release is an error',
    check: async (backend) => {
      const x = await put(backend, 1, 2);
      expect(await backend.release([x, x])()).toMatchObject(released);
      await backend.release([x])();
    },
  },
  {
    name: 'releasing nothing is no error',
    check: async (backend) => {
      expect(await backend.release([])()).toEqual(E.right(undefined));
    },
  },
  {
    name: 'one buffer as two inputs, one of them donated, is refused and stays, or is computed with and goes',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      const x = await put(backend, 3, 4);
      const ran = await backend.run(executable, { x, y: x }, { donate: ['x'] })();
      if (E.isLeft(ran)) {
        expect(await numbers(backend, x)).toEqual([3, 4]);
        await orThrow(backend.release([x]));
        return;
      }
      expect(await numbers(backend, ran.right.product)).toEqual([9, 16]);
      expect(await backend.get(x)()).toMatchObject(released);
      await orThrow(backend.release(Object.values(ran.right)));
    },
  },
  {
    name: 'a run that is refused for a released input gives no other input up',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(sumAndProduct));
      const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
      await orThrow(backend.release([y]));
      expect(await backend.run(executable, { x, y }, { donate: ['x', 'y'] })()).toMatchObject(released);
      expect(await numbers(backend, x)).toEqual([1, 2]);
      await orThrow(backend.release([x]));
    },
  },
];

const twoRuns = async (backend: Backend): Promise<void> => {
  const one = await orThrow(backend.compile(sumAndProduct));
  const other = await orThrow(backend.compile(sumAndProduct));
  const [x, y] = [await put(backend, 1, 2), await put(backend, 3, 4)];
  const results = await Promise.all([one, other, one].map((each) => orThrow(backend.run(each, { x, y }))));
  for (const { sum, product } of results) {
    expect(await numbers(backend, sum)).toEqual([4, 6]);
    expect(await numbers(backend, product)).toEqual([3, 8]);
  }
  await orThrow(backend.release([x, y, ...results.flatMap(({ sum, product }) => [sum, product])]));
};

/** Programs at the edges. */
const edges: readonly Behaviour[] = [
  { name: 'a program compiled twice, and runs begun at once, do not disturb each other', check: twoRuns },
  {
    name: 'a program may have no inputs, and constants outlive the release of results that are them',
    check: async (backend) => {
      const executable = await orThrow(
        backend.compile(built({}, () => ({ c: constant(2, 'f32', [2]), d: add(constant(1, 'f32', [2]), 1) }))),
      );
      for (const _ of [0, 1]) {
        const { c, d } = await orThrow(backend.run(executable, {}));
        expect(await numbers(backend, c)).toEqual([2, 2]);
        expect(await numbers(backend, d)).toEqual([2, 2]);
        await orThrow(backend.release([c, d]));
      }
    },
  },
  {
    name: 'a program may have no outputs, and an input that is not used',
    check: async (backend) => {
      const executable = await orThrow(backend.compile(built({ x: pair }, () => ({}))));
      const x = await orThrow(backend.put(fromFloat64(pair, [1, 2])));
      expect(await orThrow(backend.run(executable, { x }))).toEqual({});
      expect(await orThrow(backend.run(executable, { x }, { donate: ['x'] }))).toEqual({});
      expect(await backend.get(x)()).toMatchObject(released);
    },
  },
];

/** What is shared and what is not: host and buffers, inputs and inputs, runs and runs. */
export const sharing: readonly Behaviour[] = [...copies, ...twice, ...edges];
