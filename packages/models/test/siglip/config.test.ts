import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showModelError, siglipSpecs, siglipVariant, siglipVariants, so400m14 } from '../../src/index.js';

const messageOf = (name: string): string => E.match(showModelError, () => '')(siglipVariant(name));

describe('siglipVariant', () => {
  it('is what the list of variants says, for every name in it', () => {
    for (const [name, config] of Object.entries(siglipVariants)) expect(siglipVariant(name)).toEqual(E.right(config));
  });

  it('has the tower of openpi, with patches of 16 pixels where none are named', () => {
    expect(siglipVariant('So400m/14')).toEqual(E.right(so400m14));
    expect(siglipVariant('B')).toEqual(siglipVariant('B/16'));
    expect(siglipVariant('mu/7')).toEqual(
      E.right({ width: 32, depth: 1, mlpDim: 128, numHeads: 2, patchSize: 7, posemb: 'learn' }),
    );
  });

  it('names the nearest size of one that it does not know, and what a patch must be', () => {
    expect(messageOf('So400/14')).toMatch(/nearest is 'So400m\/14'/);
    expect(messageOf('constructor/16')).toMatch(/no SigLIP variant/);
    for (const name of ['B/0', 'B/-1', 'B/x', 'B/16/2', 'B/']) expect(messageOf(name)).toMatch(/side of a patch/);
  });
});

describe('siglipSpecs', () => {
  it('counts the parameters of So400m/14 as its name does', () => {
    const count = flatten(siglipSpecs(so400m14, [224, 224], 2048, 'f32')).reduce(
      (sum, { leaf }) => sum + leaf.type.shape.reduce((a, b) => a * b, 1),
      0,
    );
    // 400 M in arXiv 2305.13035 for the encoder, besides the map to PaliGemma's width.
    expect(Math.round(count / 1e7)).toBe(41);
  });
});
