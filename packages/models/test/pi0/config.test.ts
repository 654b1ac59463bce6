import { mean, program, valueAndGrad } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  actionType,
  batchTypes,
  checkPi0Config,
  computeLoss,
  observationTypes,
  type Params,
  type Pi0Config,
  paramTypes,
  pi0Config,
  pi05Config,
  sampleActions,
} from '../../src/index.js';
import { tinyConfig } from './tiny.js';

const fieldsRefused = (config: Pi0Config): readonly string[] =>
  E.match(
    (errors: readonly { readonly field: string }[]) => errors.map(({ field }) => field),
    () => [],
  )(checkPi0Config(config));

describe('checkPi0Config', () => {
  it('accepts π0 and the test policy', () => {
    expect(fieldsRefused(pi0Config)).toEqual([]);
    expect(fieldsRefused(pi05Config)).toEqual([]);
    expect(fieldsRefused(tinyConfig)).toEqual([]);
  });

  it('names every field that no policy can be built from', () => {
    const { paligemma, actionExpert } = tinyConfig;
    const refused = fieldsRefused({
      ...tinyConfig,
      actionDim: 0,
      actionHorizon: 2.5,
      computeDtype: 'i32',
      paligemma: { ...paligemma, numKvHeads: 3 },
      actionExpert: { ...actionExpert, depth: 9, headDim: 5, width: 7 },
    });
    expect(refused).toEqual([
      'actionDim',
      'actionHorizon',
      'paligemma.numKvHeads',
      'actionExpert.headDim',
      'actionExpert.depth',
      'actionExpert.numKvHeads',
      'actionExpert.headDim',
      'actionExpert.width',
      'computeDtype',
    ]);
  });
});

describe('cameras of a configuration', () => {
  it('are named once each, with images that patches fill and a tower that can be built', () => {
    const { siglip } = tinyConfig;
    expect(fieldsRefused({ ...tinyConfig, cameras: ['base', 'base'] })).toEqual(['cameras']);
    expect(fieldsRefused({ ...tinyConfig, cameras: ['a/b'] })).toEqual(['cameras']);
    expect(fieldsRefused({ ...tinyConfig, imageSize: [5, 0] })).toEqual(['imageSize.0', 'imageSize.1']);
    expect(fieldsRefused({ ...tinyConfig, siglip: { ...siglip, numHeads: 3 } })).toEqual(['siglip.numHeads']);
    expect(fieldsRefused({ ...tinyConfig, siglip: { ...siglip, depth: 0 } })).toEqual(['siglip.depth']);
    const odd = { ...siglip, width: 6, posemb: 'sincos2d' } as const;
    expect(fieldsRefused({ ...tinyConfig, siglip: odd })).toEqual(['siglip.width']);
  });

  it('need no tower when there are none, and have no parameters then', () => {
    const blind = {
      ...tinyConfig,
      cameras: [],
      imageSize: [0, 0],
      siglip: { ...tinyConfig.siglip, depth: 0 },
    } as const;
    expect(fieldsRefused(blind)).toEqual([]);
    expect(flatten(paramTypes(blind)).some(({ path }) => path.startsWith('PaliGemma/img'))).toBe(false);
  });
});

describe('full π0', () => {
  it('has as many parameters as openpi counts in its experts', () => {
    const count = (test: (path: string) => boolean): number =>
      flatten(paramTypes(pi0Config))
        .filter(({ path }) => test(path))
        .reduce((sum, { leaf }) => sum + leaf.shape.reduce((a, b) => a * b, 1), 0);
    // "311M params" of gemma_300m in openpi's models/gemma.py; its table does not exist in an expert.
    const layers = count((path) => /_1(\/|$)/.test(path) && path.includes('llm'));
    expect(Math.round(layers / 1e6)).toBe(311);
    // Gemma 2B, arXiv 2403.08295 table 2: 1,981,884,416 non-embedding parameters; PaliGemma's table has 257,152 rows.
    const llm = count((path) => !/_1(\/|$)/.test(path) && path.includes('llm'));
    expect(llm).toBe(1_981_884_416 + 257_152 * 2048);
  });

  it('builds its programs in float32 and in bfloat16', () => {
    const dtypes = ['f32', 'bf16'] as const;
    for (const config of [pi0Config, pi05Config].flatMap((c) =>
      dtypes.map((computeDtype) => ({ ...c, computeDtype })),
    )) {
      const train = program({ params: paramTypes(config), batch: batchTypes(config, 2) }, ({ params, batch }) =>
        valueAndGrad((p: Params) => mean(computeLoss(config, p, batch)))(params),
      );
      const types = {
        params: paramTypes(config),
        observation: observationTypes(config, 1),
        noise: actionType(config, 1),
      };
      const sample = program(types, ({ params, observation, noise }) =>
        sampleActions(config, params, observation, noise, 10),
      );
      expect(E.isRight(train) && E.isRight(sample)).toBe(true);
    }
  });
});
