import { join } from 'node:path';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { checkAdapters, type WeightAdapter } from '../../src/convert/adapter.js';
import { mergedSource } from '../../src/fs/merged-source.js';
import { fromTypedArray, type SafetensorsTensor, withTensors } from '../../src/index.js';
import { runs, temporaryDirectory, writeTensors } from './weights.js';

const sizes = fc.record({
  matrices: fc.integer({ min: 1, max: 3 }),
  heads: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 5 }),
  rank: fc.integer({ min: 1, max: 3 }),
});

type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

/** Whole numbers, whose products f32 holds exactly. */
const whole = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * 7 + seed * 5) % 11) - 5);

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

const tensor = (shape: readonly number[], seed: number): SafetensorsTensor =>
  fromTypedArray('F32', shape, whole(product(shape), seed));

const shapes = ({ matrices, heads, inputs, outputs, rank }: Sizes) => ({
  w: [matrices, heads, inputs, outputs],
  a: [matrices, heads, inputs, rank],
  b: [matrices, heads, rank, outputs],
});

/** What an adapter means, element by element. */
const dense = (s: Sizes, { scale, sharesB }: WeightAdapter): number[] => {
  const { w, a, b } = shapes(s);
  const [ws, as, bs] = [whole(product(w), 1), whole(product(a), 2), whole(product(b), 3)];
  return Array.from(ws, (value, i) => {
    const column = i % s.outputs;
    const row = Math.floor(i / s.outputs);
    const head = Math.floor(row / s.inputs);
    const first = head - (head % s.heads);
    const met = sharesB ? Array.from({ length: s.heads }, (_, h) => first + h) : [head];
    let sum = 0;
    for (const h of met)
      for (let k = 0; k < s.rank; k += 1)
        sum += (as[row * s.rank + k] ?? 0) * (bs[(h * s.rank + k) * s.outputs + column] ?? 0);
    return value + scale * sum;
  });
};

const read = async (s: Sizes, adapter: WeightAdapter, cuts: readonly number[]): Promise<number[]> => {
  const { w, a, b } = shapes(s);
  const path = await writeTensors(join(await temporaryDirectory(), 'x.safetensors'), {
    tensors: new Map([
      ['w', tensor(w, 1)],
      ['a', tensor(a, 2)],
      ['b', tensor(b, 3)],
    ]),
    metadata: {},
  });
  return runs(
    withTensors(path)((source) => async () => {
      const merged = mergedSource(source, [adapter]);
      expect([...merged.tensors.keys()]).toEqual(['w']);
      const bytes = new Uint8Array(4 * product(w));
      const ends = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((x, y) => x - y);
      for (const [i, end] of ends.entries()) {
        const done = await merged.read('w', ends[i - 1] ?? 0, bytes.subarray(ends[i - 1] ?? 0, end));
        if (E.isLeft(done)) return done;
      }
      return E.right([...new Float32Array(bytes.buffer)]);
    }),
  );
};

describe('laws', () => {
  it('a merged weight is w + scale · a · b, with the sum of the heads where they share it, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), fc.array(fc.nat(), { maxLength: 4 }), async (s, sharesB, cuts) => {
        const adapter = { weight: 'w', a: 'a', b: 'b', scale: 0.5, sharesB };
        expect(await read(s, adapter, cuts)).toEqual(dense(s, adapter));
      }),
      { numRuns: 60 },
    );
  });
});

describe('factors', () => {
  it('that are not there or of another product are refused by name', () => {
    const adapter = { weight: 'w', a: 'a', b: 'b', scale: 1, sharesB: false };
    const found = new Map([
      ['w', [2, 3, 4]],
      ['a', [2, 3, 1]],
      ['b', [2, 2, 4]],
    ]);
    expect(checkAdapters('x', found, [adapter])).toMatchObject({
      difference: { missing: [], misshaped: [{ name: 'b', expected: '[2,1,4]', actual: '[2,2,4]' }] },
    });
    expect(checkAdapters('x', new Map([['w', [3, 4]]]), [adapter])).toMatchObject({
      difference: { missing: ['a', 'b'] },
    });
  });
});
