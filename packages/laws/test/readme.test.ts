import { abs, type Expr, mean, sub } from '@torsor/tensor';
import { it } from 'vitest';
import { flowMatchingLaws } from '../src/index.js';

it('the example of the README runs', () => {
  const meanAbsoluteError = (v_t: Expr, u_t: Expr): Expr => mean(abs(sub(v_t, u_t)), [-1]);
  for (const { check } of flowMatchingLaws(meanAbsoluteError)) check();
});
