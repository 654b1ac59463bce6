import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { openOrbaxStore } from '../../src/fs/orbax-store.js';
import { inspectCheckpoint, readTensor, showCheckpointError, toFloat32, withTensors } from '../../src/index.js';
import { fails, runs, temporaryDirectory } from '../convert/weights.js';
import { familyNames } from '../names/fixtures.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

const fixtures = ['orbax', 'orbax-deep'] as const;

/** Shapes and dtypes of the fixtures by openpi's paths. */
const expected = {
  'PaliGemma/img/embedding/kernel': ['F32', [2, 2, 3, 8]],
  'PaliGemma/img/embedding/bias': ['BF16', [8]],
  'PaliGemma/llm/embedder/input_embedding': ['BF16', [20, 8]],
  'PaliGemma/llm/layers/mlp/linear': ['F32', [2, 8, 12]],
  'PaliGemma/llm/layers/mlp/gating_einsum': ['F32', [2, 2, 8, 12]],
  'action_in_proj/kernel': ['F32', [3, 5]],
  'action_in_proj/bias': ['F32', [5]],
  scale: ['F32', []],
  large: ['F32', [4, 128, 384]],
  count: ['I32', [6]],
  half: ['F16', [3, 7]],
} as const;

const elements = (name: string, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (name === 'action_in_proj/bias' ? 0 : ((i % 251) - 125) / 8));

/** Every tensor of a checkpoint as numbers, with dtype and shape. */
const contentOf = (path: string): Promise<Record<string, unknown>> =>
  runs(
    withTensors(path)((source) => async () => {
      const all: Record<string, unknown> = {};
      for (const name of source.tensors.keys()) {
        const tensor = await runs(readTensor(source, name));
        const floats = toFloat32(tensor);
        all[name] = [
          tensor.dtype,
          tensor.shape,
          Array.from(E.isRight(floats) ? floats.right : tensor.elements, Number),
        ];
      }
      return E.right(all);
    }),
  );

const whole = Object.fromEntries(
  Object.entries(expected).map(([name, [dtype, shape]]) => {
    const size = shape.reduce((n: number, dim) => n * dim, 1);
    const numbers = elements(name, size);
    return [name, [dtype, [...shape], dtype === 'I32' ? numbers.map(Math.trunc) : numbers]];
  }),
);

describe('what Orbax saved', () => {
  it.each(fixtures)('%s: every array under its path in openpi, element by element', async (name) => {
    expect(await contentOf(fixture(name))).toEqual(whole);
  });

  it('in folders, as with use_ocdbt=False, is the same', async () => {
    const directory = join(await temporaryDirectory(), 'params');
    const store = await openOrbaxStore(fixture('orbax'), ['manifest.ocdbt']);
    if (E.isLeft(store)) throw new Error(showCheckpointError(store.left));
    for (const [key, value] of store.right.values) {
      const bytes = new Uint8Array(value._tag === 'File' ? value.length : value.bytes.length);
      await store.right.read(value, 0, bytes);
      await mkdir(dirname(join(directory, key)), { recursive: true });
      await writeFile(join(directory, key), bytes);
    }
    await store.right.close();
    for (const name of ['_METADATA', '_CHECKPOINT_METADATA'])
      await cp(join(fixture('orbax'), name), join(directory, name));
    expect(await contentOf(directory)).toEqual(whole);
    expect(await contentOf(dirname(directory))).toEqual(whole);
  });

  it('is inspected like any other', async () => {
    const inspection = await runs(inspectCheckpoint(fixture('orbax'), familyNames, 'none'));
    expect(inspection.kind).toBe('orbax');
    expect(inspection.tensors.map(({ name, dtype }) => [name, dtype])).toEqual(
      Object.entries(expected)
        .map(([name, [dtype]]) => [name, dtype])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    );
  });
});

describe('laws', () => {
  it('any parts of an array, in any order, are those of the whole', async () => {
    await runs(
      withTensors(fixture('orbax'))((source) => async () => {
        const named = await runs(readTensor(source, 'large'));
        const bytes = new Uint8Array(named.elements.buffer, named.elements.byteOffset, named.elements.byteLength);
        await fc.assert(
          fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 70_000 }), async (offset, length) => {
            const part = new Uint8Array(Math.min(length, bytes.length - offset));
            expect(await source.read('large', offset, part)).toEqual(E.right(undefined));
            expect(Buffer.compare(part, bytes.subarray(offset, offset + part.length))).toBe(0);
          }),
          { numRuns: 40 },
        );
        return E.right(undefined);
      }),
    );
  });

  it('a byte changed in manifest or tree is noticed, whichever it is', async () => {
    const copy = join(await temporaryDirectory(), 'copy');
    await cp(fixture('orbax'), copy, { recursive: true });
    const found = await runs(withTensors(copy)((source) => async () => E.right(source.tensors.size)));
    expect(found).toBe(Object.keys(expected).length);
    const files = ['manifest.ocdbt', 'd/6d548293efde44478ceed2e69fc29396'];
    for (const file of files) {
      const bytes = await readFile(join(copy, file));
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const changed = Uint8Array.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ change;
          await writeFile(join(copy, file), changed);
          expect(await fails(withTensors(copy)(() => async () => E.right(undefined)))).toMatchObject({
            _tag: 'BadOrbax',
            file,
          });
        }),
        { numRuns: 60 },
      );
      await writeFile(join(copy, file), bytes);
    }
  });
});

describe('refusals', () => {
  it('a file that is cut short, and zarr v3', async () => {
    const copy = join(await temporaryDirectory(), 'copy');
    await cp(fixture('orbax-deep'), copy, { recursive: true });
    const manifest = await readFile(join(copy, 'manifest.ocdbt'));
    await writeFile(join(copy, 'manifest.ocdbt'), manifest.subarray(0, 40));
    const error = await fails(withTensors(copy)(() => async () => E.right(undefined)));
    expect(showCheckpointError(error)).toMatch(/^manifest\.ocdbt in .*, which Orbax wrote: /);
    const folders = join(await temporaryDirectory(), 'v3');
    await mkdir(join(folders, 'params.a'), { recursive: true });
    for (const name of ['_METADATA', '_CHECKPOINT_METADATA', 'params.a/zarr.json'])
      await writeFile(join(folders, name), '{}');
    expect(await fails(withTensors(folders)(() => async () => E.right(undefined)))).toMatchObject({
      _tag: 'BadOrbax',
      reason: expect.stringContaining('zarr v3'),
    });
  });
});
