import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, fromTypedArray, type SafetensorsTensor } from '@torsor/checkpoint';
import { fromFloat64, type TensorType, TensorValue, tensorType } from '@torsor/tensor';
import { flatten, map, type Tree, unflatten } from '@torsor/tree';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, expect, it } from 'vitest';
import { type Init, startingFrom } from '../../src/index.js';
import { right } from '../right.js';

const root = mkdtempSync(join(tmpdir(), 'torsor-initial-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const from = join(root, 'weights.safetensors');

const types = { a: { kernel: tensorType('f32', [2]), lora: tensorType('f32', [2]) }, b: tensorType('f32', [2]) };
const paths = ['a/kernel', 'a/lora', 'b'];

/** What is drawn of a path, and what is stored under it. */
const drawnAt = (path: string): Float32Array => Float32Array.of(1, paths.indexOf(path));
const storedAt = (path: string): Float32Array => Float32Array.of(2, paths.indexOf(path));

const store = (names: readonly string[]): void => {
  const tensors = new Map(names.map((name) => [name, fromTypedArray('F32', [2], storedAt(name))]));
  writeFileSync(from, right(encodeSafetensors({ tensors, metadata: {} })));
};

/** Draws as it is asked, and tells which paths it was asked for. */
const drawing = (asked: string[]) => (only: (path: string) => boolean) => {
  const chosen = flatten<TensorType>(types).filter(({ path }) => only(path));
  asked.push(...chosen.map(({ path }) => path));
  return right(unflatten(chosen.map(({ path, leaf }) => ({ path, leaf: new TensorValue(leaf, drawnAt(path)) }))));
};

const init = { from, fresh: ['.*'], unused: [] };

it('stored weights are taken as they are, all others are drawn and nothing else is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(paths, { minLength: 1 }), async (stored) => {
      store(stored);
      const asked: string[] = [];
      const { params, fresh } = right(await startingFrom(init, types, drawing(asked))());
      const data = map(params, ({ data: elements }: TensorValue): unknown => elements);
      const expected: Tree<unknown> = map(types as Tree<TensorType>, (_, path) =>
        stored.includes(path) ? storedAt(path) : drawnAt(path),
      );
      expect(data).toEqual(expected);
      expect(asked).toEqual(paths.filter((path) => !stored.includes(path)));
      expect(fresh).toBe(asked.length);
    }),
  );
});

it('where every weight is stored, nothing is asked to be drawn', async () => {
  store(paths);
  const never = (): never => expect.fail('it was asked');
  expect(right(await startingFrom(init, types, never)()).fresh).toBe(0);
});

it('every disagreement is refused before anything is drawn', async () => {
  store(['a/kernel', 'b', 'c']);
  const never = (): never => expect.fail('it was asked');
  const other = { ...types, b: tensorType('f32', [3]) };
  expect(await startingFrom({ ...init, fresh: [] }, other, never)()).toEqual(
    E.left({
      ...{ _tag: 'OtherWeights', path: from },
      reasons: [
        'lacks 1 parameters (a/lora): those of init.fresh may begin anew',
        'has 1 tensors that the model has not (c): init.unused may name them',
        "has other shapes: b is [2], the model's is [3]",
      ],
    }),
  );
});

const typesOf = (names: readonly string[], dtype: 'f32' | 'bf16' = 'f32'): Tree<TensorType> =>
  Object.fromEntries(names.map((name) => [name, tensorType(dtype, [2])]));

const storeAll = (tensors: { readonly [name: string]: SafetensorsTensor }): void =>
  writeFileSync(from, right(encodeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: {} })));

const pair = (a: number, b: number): SafetensorsTensor => fromTypedArray('F32', [2], Float32Array.of(a, b));

const never = (): never => expect.fail('it was asked');

const reasonsOf = async (wish: Partial<Init>, wanted: Tree<TensorType>): Promise<readonly string[]> => {
  const found = await startingFrom({ ...init, fresh: [], ...wish }, wanted, never)();
  return E.isLeft(found) && found.left._tag === 'OtherWeights' ? found.left.reasons : [JSON.stringify(found)];
};

it('patterns are of whole names: what may begin anew, and what may be left over', async () => {
  storeAll({ body: pair(1, 2), bodyguard: pair(3, 4) });
  const types = typesOf(['body', 'head', 'heading']);
  expect(await reasonsOf({ fresh: ['head'], unused: ['guard'] }, types)).toEqual([
    expect.stringMatching(/^lacks 1 parameters \(heading\)/),
    'has 1 tensors that the model has not (bodyguard): init.unused may name them',
  ]);
  const wish: Init = { from, fresh: ['head', 'head.ng'], unused: ['body.+'] };
  const draw = () => ({
    head: fromFloat64(tensorType('f32', [2]), [5, 6]),
    heading: fromFloat64(tensorType('f32', [2]), [7, 8]),
  });
  const { params, fresh } = right(await startingFrom(wish, types, draw)());
  expect(fresh).toBe(2);
  expect(map(params, ({ data }: TensorValue): unknown => [...data])).toEqual({
    body: [1, 2],
    head: [5, 6],
    heading: [7, 8],
  });
});

it('many names are cut short, and the nearest one that is there is told', async () => {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  storeAll(Object.fromEntries(letters.map((letter) => [`kernel_${letter}`, pair(1, 2)])));
  expect(await reasonsOf({}, typesOf(letters.map((letter) => `kernels_${letter}`)))).toEqual([
    'lacks 7 parameters (kernels_a, kernels_b, kernels_c, kernels_d, kernels_e and 2 more); the nearest name there is kernel_a: those of init.fresh may begin anew',
    'has 7 tensors that the model has not (kernel_a, kernel_b, kernel_c, kernel_d, kernel_e and 2 more): init.unused may name them',
  ]);
  storeAll(Object.fromEntries(letters.slice(0, 5).map((letter) => [letter, pair(1, 2)])));
  expect(await reasonsOf({}, typesOf([]))).toEqual([
    'has 5 tensors that the model has not (a, b, c, d, e): init.unused may name them',
  ]);
});

it('another shape is refused whichever way it differs', async () => {
  storeAll({ a: pair(1, 2) });
  for (const shape of [[3], [2, 1], [1, 2], []]) {
    expect(await reasonsOf({}, { a: tensorType('f32', shape) })).toEqual([
      `has other shapes: a is [2], the model's is [${shape.join(', ')}]`,
    ]);
  }
  storeAll({ a: fromTypedArray('F32', [2, 3], new Float32Array(6)) });
  expect(await reasonsOf({}, { a: tensorType('f32', [2, 4]) })).toEqual([
    "has other shapes: a is [2, 3], the model's is [2, 4]",
  ]);
});

it('numbers that are not finite are refused, and counted', async () => {
  storeAll({ a: pair(1, 2), b: fromTypedArray('F32', [3], Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY)) });
  const types = { a: tensorType('f32', [2]), b: tensorType('f32', [3]) };
  expect(await reasonsOf({}, types)).toEqual(['b has 2 numbers that are not finite']);
});

it('numbers of another dtype become those of the model, whole numbers are refused', async () => {
  storeAll({ a: pair(1 + 2 ** -10, 2) });
  const { params } = right(await startingFrom(init, typesOf(['a'], 'bf16'), never)());
  // 1 + 2⁻¹⁰ is no number of bf16.
  expect(params).toEqual({ a: fromFloat64(tensorType('bf16', [2]), [1, 2]) });
  storeAll({ a: fromTypedArray('I32', [2], Int32Array.of(1, 2)) });
  expect(await reasonsOf({}, typesOf(['a']))).toEqual([expect.stringMatching(/^a: /)]);
});

it('weights that cannot be read are refused as checkpoints are', async () => {
  const missing = join(root, 'nowhere.safetensors');
  expect(await startingFrom({ ...init, from: missing }, types, never)()).toMatchObject({
    left: { _tag: 'Checkpoint' },
  });
});

it('a draw that leaves parameters out is a defect', async () => {
  store(['b']);
  expect(await startingFrom(init, types, () => ({}))()).toEqual(
    E.left({ _tag: 'Defect', reason: '2 parameters are neither stored nor drawn' }),
  );
});
