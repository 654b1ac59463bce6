import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dimensionFindings, tokenizerFindings } from '../../src/run/weights.js';

const stored = { path: 'pi0_base', rows: 257_152, manifest: null };

describe('embeddings and tokenizer', () => {
  it('of 257,152 rows are not those of the embedded tokenizer of 512', () => {
    const [other] = tokenizerFindings(stored, { path: null, tokens: 512 });
    expect(other).toMatchObject({
      _tag: 'OtherTokenizer',
      severity: 'error',
      where: { file: 'pi0_base' },
      numbers: { rows: 257_152, tokens: 512 },
    });
  });

  it('agree where the rows are those of the tokenizer, or fewer, or it is a file of the user', () => {
    fc.assert(
      fc.property(fc.nat(300_000), fc.nat(300_000), (rows, more) => {
        expect(tokenizerFindings({ ...stored, rows }, { path: null, tokens: rows + more })).toEqual([]);
        expect(tokenizerFindings({ ...stored, rows: rows + more }, { path: 'spm.model', tokens: rows })).toEqual([]);
      }),
    );
  });

  it('are not known of weights without that table, and are the same of a checkpoint with the embedded one', () => {
    expect(tokenizerFindings({ ...stored, rows: null }, { path: null, tokens: 512 })).toEqual([]);
    const manifest = { state: 2, actions: 2, isEmbedded: true };
    expect(tokenizerFindings({ ...stored, rows: 600, manifest }, { path: null, tokens: 512 })).toEqual([]);
  });
});

describe('dimensions', () => {
  const dataset = { stateNames: ['a', 'b'], actionNames: ['a', 'b', 'c'] };
  const trained = (state: number, actions: number) =>
    dimensionFindings({ ...stored, manifest: { state, actions, isEmbedded: true } }, dataset);

  it('of another number than the checkpoint was trained on', () => {
    expect(trained(2, 14)).toMatchObject([
      { _tag: 'OtherDimensions', where: { feature: 'action' }, numbers: { checkpoint: 14, dataset: 3 } },
    ]);
  });

  it('of the same number, whose names no checkpoint keeps', () => {
    expect(trained(2, 3)).toMatchObject([{ _tag: 'JointNamesNotKept', severity: 'note' }]);
    expect(dimensionFindings(stored, dataset)).toEqual([]);
  });
});
