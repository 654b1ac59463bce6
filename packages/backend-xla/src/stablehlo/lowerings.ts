import type { Algebra } from '@torsor/tensor';
import { runningSums } from './cumsum.js';
import { products } from './dot.js';
import { elementwise } from './elementwise.js';
import type { Lowering } from './emitter.js';
import { indexing } from './indexing.js';
import { loops } from './loop.js';
import { reductions } from './reduce.js';
import { movement } from './shape.js';

/** What every primitive becomes in StableHLO: a missing one does not compile. */
export const lowerings: Algebra<Lowering> = {
  ...elementwise,
  ...indexing,
  ...loops,
  ...movement,
  ...products,
  ...reductions,
  ...runningSums,
};
