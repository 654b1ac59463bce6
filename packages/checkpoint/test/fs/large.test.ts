import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Put } from '@torsor/files';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, describe, expect, it } from 'vitest';
import type { CheckpointError, OpenCheckpoint, TensorSource, TensorToSave } from '../../src/index.js';
import { fetchedTensor, readTensor, saveCheckpoint, withCheckpoint } from '../../src/index.js';
import { fields } from '../contents.js';
import { runs } from '../convert/weights.js';

const root = mkdtempSync(join(tmpdir(), 'torsor-large-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const gigabyte = 1e9;
const { bavail, bsize } = statfsSync(root);
const freeDisk = bavail * bsize;
const fits = freeDisk >= 12 * gigabyte;

/** Gemma 2B's stacked gating kernels in f32: one leaf of 4.8 GB. */
const shape = [18, 2, 2048, 16384];
const bytes = shape.reduce((n, dim) => n * dim, 4);
const pieceBytes = 2 ** 24;
const pieces = bytes / pieceBytes;

// 1, 2, … in every piece, which begins with its own number.
const counted = Float32Array.from({ length: pieceBytes / 4 }, (_, i) => i);
const piece = (n: number): Uint8Array => {
  counted[0] = n;
  return new Uint8Array(counted.buffer);
};

const large: TensorToSave<CheckpointError> = {
  ...{ name: 'layers/gating_einsum', dtype: 'F32', shape },
  write: (put: Put) => async () => {
    for (let n = 0; n < pieces; n += 1) {
      const done = await put(piece(n))();
      if (E.isLeft(done)) return done;
    }
    return E.right(undefined);
  },
};

const behind = fetchedTensor({ name: 'layers/scale', dtype: 'F32', shape: [2] }, TE.right(Float32Array.of(7, 8)));

const paramsOf = ({ sources }: OpenCheckpoint): TensorSource => {
  const source = sources.get('params.safetensors');
  if (source === undefined) throw new Error('no params.safetensors');
  return source;
};

/** The first piece of the large tensor that is another; `undefined` when all are as they were given. */
const changedPiece = async (source: TensorSource): Promise<number | undefined> => {
  const target = new Uint8Array(pieceBytes);
  for (let n = 0; n < pieces; n += 1) {
    expect(await source.read('layers/gating_einsum', n * pieceBytes, target)).toEqual(E.right(undefined));
    if (Buffer.compare(target, piece(n)) !== 0) return n;
  }
  return undefined;
};

describe.skipIf(!fits)(
  `one leaf of 4.8 GB (skipped with less than 12 GB of disk; ${Math.round(freeDisk / 1e9)} GB are free)`,
  () => {
    const started = process.memoryUsage().arrayBuffers;
    const saved = (): Promise<string> => {
      const files = { 'params.safetensors': { tensors: [behind, large], metadata: {} } };
      return runs(saveCheckpoint(root, { manifest: fields(1), files }));
    };

    it('is saved and read back piece by piece, bit for bit, in memory for a few pieces', {
      timeout: 300_000,
    }, async () => {
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - started);
      }, 5);
      const path = await saved();
      const all = await runs(
        withCheckpoint(path)((checkpoint) => async () => {
          const source = paramsOf(checkpoint);
          expect(source.tensors.get('layers/gating_einsum')).toMatchObject({ dtype: 'F32', shape, bytes: 4831838208 });
          const scale = await runs(readTensor(source, 'layers/scale'));
          return E.right({ changed: await changedPiece(source), scale: scale.elements });
        }),
      );
      clearInterval(watch);
      expect(all).toEqual({ changed: undefined, scale: Float32Array.of(7, 8) });
      expect(peak).toBeLessThan(256 * 2 ** 20);
    });

    // The array itself needs 4.8 GB.
    it.skipIf(freemem() < 6 * gigabyte)(
      'is one Float32Array of 1.2 billion elements',
      { timeout: 300_000 },
      async () => {
        const path = join(root, 'checkpoints', '00000001');
        const tensor = await runs(
          withCheckpoint(path)((checkpoint) => readTensor(paramsOf(checkpoint), 'layers/gating_einsum')),
        );
        const { elements } = tensor;
        expect([elements.constructor, elements.length, elements.byteLength]).toEqual([Float32Array, bytes / 4, bytes]);
        for (const n of [0, 1, 128, 255, 256, 257, pieces - 1]) {
          const at = (n * pieceBytes) / 4;
          expect([elements[at], elements[at + 1], elements[at + pieceBytes / 4 - 1]]).toEqual([
            n,
            1,
            pieceBytes / 4 - 1,
          ]);
        }
      },
    );
  },
);
