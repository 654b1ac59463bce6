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
} from '../src/index.js';

it('the example of the README', () => {
  const config = { ...pi0Config, vocabSize: 512, paligemma: gemmaVariants.dummy, actionExpert: gemmaVariants.dummy };
  const train = program({ params: paramTypes(config), batch: batchTypes(config, 8) }, ({ params, batch }) =>
    valueAndGrad((p: Params) => mean(computeLoss(config, p, batch)))(params),
  );
  expect(E.isRight(train)).toBe(true);
  expect(paths(initParams(config, key(0))).length).toBe(27);
});
