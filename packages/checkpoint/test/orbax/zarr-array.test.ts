import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { chunkKey, readZarrArray, runsOf, type ZarrArray } from '../../src/orbax/zarr-array.js';

const arrays = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })), { maxLength: 4 }).map(
  (axes): ZarrArray => ({
    dtype: 'F32',
    shape: axes.map(([size]) => size),
    chunks: axes.map(([, chunk]) => chunk),
    isCompressed: true,
    separator: '.',
  }),
);

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** Chunk and place of one element, axis by axis. */
const placeOf = ({ shape, chunks }: ZarrArray, element: number): readonly [string, number] => {
  const indices = shape.map((size, axis) => Math.floor(element / product(shape.slice(axis + 1))) % size);
  const chunk = indices.map((index, axis) => Math.floor(index / (chunks[axis] ?? 1)));
  const offset = indices.reduce((sum, index, axis) => sum * (chunks[axis] ?? 1) + (index % (chunks[axis] ?? 1)), 0);
  return [chunk.join(), offset];
};

describe('runs of chunks', () => {
  it('are the elements asked for, each where the chunk has it', () => {
    fc.assert(
      fc.property(arrays, fc.nat(), fc.nat(), (array, a, b) => {
        const size = product(array.shape);
        const [begin, end] = [a % (size + 1), b % (size + 1)].sort((x, y) => x - y) as [number, number];
        const found = [...runsOf(array, begin, end)].flatMap(({ chunk, offset, length }) =>
          Array.from({ length }, (_, i) => [chunk.join(), offset + i]),
        );
        expect(found).toEqual(Array.from({ length: end - begin }, (_, i) => placeOf(array, begin + i)));
      }),
    );
  });

  it('of an array whose chunks hold it whole is one', () => {
    const array: ZarrArray = { dtype: 'F32', shape: [3, 4], chunks: [3, 4], isCompressed: false, separator: '.' };
    expect([...runsOf(array, 1, 11)]).toEqual([{ chunk: [0, 0], offset: 1, length: 10 }]);
  });
});

describe('.zarray', () => {
  const form = {
    zarr_format: 2,
    shape: [4],
    chunks: [2],
    dtype: 'bfloat16',
    order: 'C',
    filters: null,
    fill_value: null,
    compressor: { id: 'zstd', level: 1 },
    dimension_separator: '.',
  };
  const read = (change: object) => readZarrArray(new TextEncoder().encode(JSON.stringify({ ...form, ...change })));

  it('is read as Orbax writes it', () => {
    expect(read({})).toEqual(E.right({ dtype: 'BF16', shape: [4], chunks: [2], isCompressed: true, separator: '.' }));
    expect(chunkKey({ dtype: 'F32', shape: [], chunks: [], isCompressed: false, separator: '.' }, [])).toBe('0');
  });

  it.each([
    [{ order: 'F' }, "'order'"],
    [{ compressor: { id: 'blosc' } }, "'compressor.id'"],
    [{ dtype: '>f4' }, "'dtype' is >f4"],
    [{ chunks: [2, 2] }, "'chunks' has 2 axes"],
    [{ filters: [{}] }, "'filters'"],
  ])('of another form is refused: %s', (change, reason) => {
    expect(read(change)).toEqual(E.left(expect.stringContaining(reason)));
  });
});
