import type { PrimitiveName } from '@torsor/tensor';
import { blockCases } from '../blocks.js';
import type { Case } from '../case.js';
import { scanCases } from '../scans.js';
import { binaryCases } from './binary.js';
import { constantCases } from './constants.js';
import { indexingCases } from './indexing.js';
import { logicCases } from './logic.js';
import { movementCases } from './movement.js';
import { productCases } from './product.js';
import { reduceCases } from './reduce.js';
import { unaryCases } from './unary.js';

/** Cases of every primitive, total by type: a primitive without a list here does not compile. */
export const primitiveCases: { readonly [N in PrimitiveName]: readonly Case[] } = {
  ...binaryCases,
  ...constantCases,
  ...indexingCases,
  ...logicCases,
  ...movementCases,
  ...productCases,
  ...reduceCases,
  ...unaryCases,
  block: blockCases,
  scan: scanCases,
};
