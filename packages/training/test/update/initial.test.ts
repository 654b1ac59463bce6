import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, fromTypedArray } from '@torsor/checkpoint';
import { type TensorType, TensorValue, tensorType } from '@torsor/tensor';
import { flatten, map, type Tree, unflatten } from '@torsor/tree';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, expect, it } from 'vitest';
import { startingFrom } from '../../src/index.js';
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
