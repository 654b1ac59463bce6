import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { parquetReadObjects } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { sampleDatasetPath } from '../../src/fs/sample.js';
import { sourceOfBytes } from '../../src/parquet/byte-source.js';
import { readSlowly } from '../../src/parquet/general.js';
import { openTable } from '../../src/parquet/open.js';
import { makeScratch } from '../../src/parquet/scratch.js';
import { type ColumnRequest, readTable, type TableRequest } from '../../src/parquet/table.js';
import { dataFile, type EpisodeOnDisk, parquetOf } from '../dataset-on-disk.js';
import { right } from '../right.js';

const request = (columns: readonly ColumnRequest[], most = 10_000): TableRequest => ({
  file: 'x',
  columns,
  checkRows: (rows) => (rows <= most ? undefined : { _tag: 'CorruptParquet', file: 'x', cause: 'too many rows' }),
});

const threeColumns = (width: number): TableRequest =>
  request([
    { name: 'observation.state', width, dtype: 'float32' },
    { name: 'action', width: 2, dtype: 'float32' },
    { name: 'frame_index', width: 1, dtype: 'int64' },
  ]);

const bytesOf = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** Episodes whose columns are constant, repetitive (dictionary pages) or all different (plain pages), in small pages and groups. */
const episodes = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), rows: fc.integer({ min: 1, max: 120 }) })
  .chain(({ width, rows }) => {
    const value = fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 5 }), fc.float({ noNaN: true }));
    const list = (length: number): fc.Arbitrary<number[][]> =>
      fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: rows, maxLength: rows });
    return fc.record({
      width: fc.constant(width),
      state: list(width),
      action: list(2),
      options: fc.record({
        pageSize: fc.integer({ min: 40, max: 4000 }),
        rowGroupSize: fc.integer({ min: 1, max: 200 }),
        codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
      }),
    });
  });

describe('readTable', () => {
  it('gives what the library itself decodes, for any pages, groups and encodings', async () => {
    const scratch = makeScratch();
    await fc.assert(
      fc.asyncProperty(episodes, async ({ width, ...episode }: EpisodeOnDisk & { width: number }) => {
        const bytes = own(parquetOf(episode));
        const { rows, columns } = right(await readTable(threeColumns(width), sourceOfBytes(bytes), scratch));
        const objects = await parquetReadObjects({ file: bytes.buffer });
        expect(rows).toBe(objects.length);
        expect(columns.get('observation.state')).toEqual(
          Float32Array.from(objects.flatMap((row) => row['observation.state'])),
        );
        expect(columns.get('action')).toEqual(Float32Array.from(objects.flatMap((row) => row['action'])));
        expect(columns.get('frame_index')).toEqual(Float64Array.from(objects, (row) => Number(row['frame_index'])));
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with the general decoder on recorded files', async () => {
    const bytes = bytesOf(join(sampleDatasetPath(), dataFile(7)));
    const wanted = [
      { name: 'observation.state', width: 26, dtype: 'float32' },
      { name: 'task_index', width: 1, dtype: 'int64' },
    ];
    const { rows, columns } = right(await readTable(request(wanted), sourceOfBytes(bytes), makeScratch()));
    for (const { name, width, dtype } of wanted) {
      const out = dtype === 'int64' ? new Float64Array(rows) : new Float32Array(rows * width);
      expect(columns.get(name)).toEqual(
        right(await readSlowly('x', right(await openTable('x', sourceOfBytes(bytes))), { name, width }, out)),
      );
    }
  });

  it('reads encodings beyond the direct decoder through the general one', async () => {
    const columnData: ColumnSource[] = [
      { name: 'frame_index', data: [5n, 6n, 7n, -8n], type: 'INT64', encoding: 'DELTA_BINARY_PACKED' },
    ];
    const bytes = own(new Uint8Array(parquetWriteBuffer({ columnData })));
    const table = right(
      await readTable(
        request([{ name: 'frame_index', width: 1, dtype: 'int64' }]),
        sourceOfBytes(bytes),
        makeScratch(),
      ),
    );
    expect(table.columns.get('frame_index')).toEqual(Float64Array.of(5, 6, 7, -8));
  });

  it('a changed byte gives a value or an error, never an exception', async () => {
    const whole = own(
      parquetOf({
        state: [
          [1, 2],
          [3, 4],
        ],
        action: [
          [1, 2],
          [3, 4],
        ],
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const table = await readTable(threeColumns(2), sourceOfBytes(bytes), makeScratch());
        expect(E.isLeft(table) || table.right.rows >= 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
