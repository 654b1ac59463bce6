import { key } from '@torsor/random';
import { mean, program, valueAndGrad } from '@torsor/tensor';
import { paths } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import {
  batchTypes,
  computeLoss,
  gemmaVariants,
  initParams,
  type Params,
  paramTypes,
  pi0Config,
  pi0FastConfig,
  pi0FastParamTypes,
  prefillProgram,
  so400m14,
  stepsProgram,
} from '../src/index.js';

it('the example of the README', () => {
  const { dummy } = gemmaVariants;
  const siglip = { ...so400m14, width: 32, depth: 1, mlpDim: 128, numHeads: 2 };
  const config = { ...pi0Config, vocabSize: 512, paligemma: dummy, actionExpert: dummy, siglip };
  const train = program({ params: paramTypes(config), batch: batchTypes(config, 8) }, ({ params, batch }) =>
    valueAndGrad((p: Params) => mean(computeLoss(config, p, batch)))(params),
  );
  expect(E.isRight(train)).toBe(true);
  expect(paths(initParams(config, key(0))).length).toBe(50);
});

it('the example of decoding in the README', () => {
  const fast = { ...pi0FastConfig, vocabSize: 512, paligemma: gemmaVariants.dummy, cameras: [] };
  const options = { maxDecodingSteps: 64 };
  expect(E.isRight(prefillProgram(fast, pi0FastParamTypes(fast), 1, options))).toBe(true);
  expect(E.isRight(stepsProgram(fast, pi0FastParamTypes(fast), 1, 16, options))).toBe(true);
});
