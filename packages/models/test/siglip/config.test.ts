import { flatten } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  type SiglipConfig,
  showModelError,
  siglipSizes,
  siglipSpecs,
  siglipVariant,
  so400m14,
} from '../../src/index.js';

const messageOf = (name: string): string => E.match(showModelError, () => '')(siglipVariant(name));

describe('siglipVariant', () => {
  const towerOf = (name: string): SiglipConfig =>
    E.getOrElse((): SiglipConfig => expect.fail(name))(siglipVariant(name));

  it('takes patches of any size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...siglipSizes), fc.integer({ min: 1, max: 512 }), (size, patch) => {
        expect(towerOf(`${size}/${patch}`)).toEqual({ ...towerOf(size), patchSize: patch });
      }),
    );
  });

  it('has sizes that can be built, P and N between mu and Ti', () => {
    const counts = siglipSizes.map((size) => {
      const tower = towerOf(size);
      expect(tower.width % tower.numHeads, size).toBe(0);
      return tower.depth * tower.width * (4 * tower.width + 2 * tower.mlpDim);
    });
    expect(siglipSizes.slice(0, 4)).toEqual(['mu', 'P', 'N', 'Ti']);
    expect(counts.slice(0, 4)).toEqual(counts.slice(0, 4).toSorted((a, b) => a - b));
  });

  // Width, depth, hidden width, heads: arXiv 2106.09681 table 1, arXiv 2106.04560 table 2.
  it.each([
    ['P', 64, 6, 256, 2],
    ['N', 128, 12, 512, 4],
    ['Ti', 192, 12, 768, 3],
    ['e', 1792, 56, 15_360, 16],
  ])('%s is %d wide, %d deep, %d inside, with %d heads', (size, width, depth, mlpDim, numHeads) => {
    expect(towerOf(`${size}/8`)).toEqual({ width, depth, mlpDim, numHeads, patchSize: 8, posemb: 'learn' });
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
