import { embedTokens, type GemmaConfig } from '@torsor/models';
import { type DType, fromFloat64, tensorType, toFloat64 } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { describeBackends } from './models/backends.js';
import { resultAt, runWith } from './models/running.js';

/*
 * What openpi's form of adapters rounds to bf16, at widths whose roots are no numbers of bf16: the recorded policies are
 * 32 wide, where the slip is smaller than their bounds. The roots are rounded by hand: a number of bf16 has 8 bits, so
 * that those from 4 to 8 are 1/32 apart, those from 32 to 64 are 1/4.
 */

const roots: ReadonlyArray<readonly [width: number, root: number]> = [
  // √40 = 6.3245… = 202.38… / 32
  [40, 202 / 32],
  // √24 = 4.8989… = 156.76… / 32
  [24, 157 / 32],
  // √2048 = 45.2548… = 181.01… / 4: the width of the released policies
  [2048, 181 / 4],
];

const configOf = (width: number): GemmaConfig => ({
  width,
  depth: 1,
  mlpDim: 4,
  numHeads: 1,
  numKvHeads: 1,
  headDim: 4,
  lora: { attn: { rank: 1, alpha: 1, rslora: false }, form: 'openpi', frozenDtype: 'bf16' },
});

describe('frozen embeddings in openpi’s form', () => {
  describeBackends(0, (open) => {
    it.each(roots)('of width %d are multiplied by %d', async (width, root) => {
      const narrow: DType = 'bf16';
      const { dtypes } = (await open.backend()).capabilities;
      const table = Array.from({ length: 2 * width }, (_, i) => ((i % 31) - 15) / 8);
      const inputs = {
        // Small multiples of 1/8 are numbers of bf16, and their products with the root numbers of f32.
        table: fromFloat64(tensorType(dtypes.includes(narrow) ? narrow : 'f32', [2, width]), table),
        tokens: fromFloat64(tensorType('i32', [1, 2]), [1, 0]),
      };
      const found = await runWith(open, inputs, (given) => ({
        embedded: embedTokens(
          { embedder: { input_embedding: given.table } },
          given.tokens,
          { config: configOf(width), adaptive: false },
          'f32',
        ),
      }));
      const expected = [...table.slice(width), ...table.slice(0, width)].map((x) => x * root);
      expect(Array.from(toFloat64(resultAt(found, 'embedded')), (x) => x + 0)).toEqual(expected.map((x) => x + 0));
    });
  });
});
