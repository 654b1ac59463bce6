import { sizeOf } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  checkPi0FastConfig,
  type Pi0FastConfig,
  pi0FastConfig,
  pi0FastSpecs,
  showModelError,
} from '../../src/index.js';
import { tinyConfig } from './tiny.js';

const refusals = (change: Partial<Pi0FastConfig>): readonly string[] => {
  const checked = checkPi0FastConfig({ ...tinyConfig, ...change });
  return E.isLeft(checked) ? checked.left.map(showModelError) : [];
};

describe('checkPi0FastConfig', () => {
  it("takes openpi's and the tests' own", () => {
    expect(E.isRight(checkPi0FastConfig(pi0FastConfig))).toBe(true);
    expect(refusals({})).toEqual([]);
    expect(refusals({ cameras: [], lossTokens: 6, logitsAtOnce: 1, tableInit: 'zeros' })).toEqual([]);
  });

  it('names every field that no policy can be built from', () => {
    expect(refusals({ actionDim: 0, vocabSize: 2.5, computeDtype: 'i32' })).toEqual([
      'model.actionDim must be a positive integer, got 0',
      'model.vocabSize must be a positive integer, got 2.5',
      'model.computeDtype must be a floating-point dtype, got i32',
    ]);
    expect(refusals({ paligemma: { ...tinyConfig.paligemma, headDim: 3 } })).toEqual([
      'model.paligemma.headDim must be even, got 3',
    ]);
    expect(refusals({ cameras: ['base', 'base'] })).toEqual([
      "model.cameras must be named once each, got 'base' again",
    ]);
  });

  it('refuses sequences that predict nothing or less than asked for', () => {
    expect(refusals({ maxTokenLen: 1 })).toEqual([
      'model.maxTokenLen must be at least 2, or no token is predicted, got 1',
    ]);
    expect(refusals({ vocabSize: 1 })).toEqual([
      'model.vocabSize must be at least 2, so that the end of sequence, 1, is a token',
    ]);
    expect(refusals({ lossTokens: 0 })).toEqual(['model.lossTokens must be a positive integer, got 0']);
    expect(refusals({ lossTokens: 7 })).toEqual(['model.lossTokens must be at most maxTokenLen − 1, 6, got 7']);
    expect(refusals({ logitsAtOnce: 0 })).toEqual(['model.logitsAtOnce must be a positive integer, got 0']);
  });
});

describe('pi0FastSpecs', () => {
  it("has the parameters of openpi's π0-FAST, the table beginning as asked for", () => {
    const specs = flatten(pi0FastSpecs(pi0FastConfig));
    const table = (config: Pi0FastConfig): string | undefined =>
      flatten(pi0FastSpecs(config)).find(({ path }) => path === 'PaliGemma/llm/embedder/input_embedding')?.leaf
        .initializer._tag;
    // Hugging Face counts 2,923,466,480 in PaliGemma, whose table there has 64 more rows of 2048.
    const count = specs.reduce((sum, { leaf }) => sum + sizeOf(leaf.type.shape), 0);
    expect(count).toBe(2_923_335_408);
    expect(table(pi0FastConfig)).toBe('Normal');
    expect(table({ ...pi0FastConfig, tableInit: 'zeros' })).toBe('Zeros');
  });

  it('has no vision tower without cameras', () => {
    const paths = flatten(pi0FastSpecs({ ...tinyConfig, cameras: [] })).map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.every((path) => path.startsWith('PaliGemma/llm/'))).toBe(true);
  });
});
