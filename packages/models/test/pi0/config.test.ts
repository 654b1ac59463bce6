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
    for (const computeDtype of ['f32', 'bf16'] as const) {
      const config = { ...pi0Config, computeDtype };
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
