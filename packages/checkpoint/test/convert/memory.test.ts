import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { type DeclaredTensor, declareFile } from '../../src/safetensors/declared.js';
import { releasedNames } from '../names/fixtures.js';
import { convert } from './convert.js';
import { runs, temporaryDirectory } from './weights.js';

const shrink = 16;
const layerName = /(?<=\.layers\.)\d+/;

/** π0's tensors by PyTorch's names with every width a sixteenth, and `times` as many layers. */
const declared = (times: number): readonly DeclaredTensor[] =>
  [...releasedNames('pi0')].flatMap(([name, full]) => {
    if (name.endsWith('embed_tokens.weight')) return [];
    const shape = full.map((size) => (size >= 64 ? size / shrink : size));
    const layer = layerName.exec(name);
    const of = name.includes('vision_tower') ? 27 : 18;
    if (layer === null) return [{ name, dtype: 'F32' as const, shape }];
    return Array.from({ length: times }, (_, i) => ({
      name: name.replace(layerName, String(Number(layer[0]) + i * of)),
      dtype: 'F32' as const,
      shape,
    }));
  });

const writeSynthetic = (path: string, times: number): number => {
  const file = declareFile(declared(times), {});
  if (E.isLeft(file)) throw new Error(file.left._tag);
  const ones = new Uint8Array(new Float32Array(2 ** 18).fill(1).buffer);
  const bytes = file.right.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const descriptor = openSync(path, 'w');
  writeSync(descriptor, file.right.header);
  for (let at = 0; at < bytes; at += ones.byteLength)
    writeSync(descriptor, ones, 0, Math.min(ones.byteLength, bytes - at));
  closeSync(descriptor);
  return bytes;
};

/** Bytes of the file, and the most that all buffers held at once while it was converted. */
const peakOf = async (times: number): Promise<{ readonly bytes: number; readonly peak: number }> => {
  const directory = await temporaryDirectory();
  const input = join(directory, 'model.safetensors');
  const bytes = writeSynthetic(input, times);
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  const heads = { headDim: 256 / shrink, imageHeads: 8 };
  const options = { input, output: join(directory, 'out'), to: 'torsor', dtype: 'BF16', heads } as const;
  await runs(
    convert(options, () => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }),
  );
  rmSync(directory, { recursive: true });
  return { bytes, peak };
};

it("π0's names at a sixteenth of the widths: buffers do not grow with the number of layers", async () => {
  const one = await peakOf(1);
  const four = await peakOf(4);
  expect(four.bytes - one.bytes).toBeGreaterThan(100e6);
  expect(four.peak - one.peak).toBeLessThan(40e6);
  expect(four.peak).toBeLessThan(64e6);
});
