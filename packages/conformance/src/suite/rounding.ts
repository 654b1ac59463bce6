import { foldIn, key, uniform } from '@torsor/random';
import { type Round, roundTo } from '@torsor/tensor';
import { epsilons } from './tolerance.js';

/**
 * A rounding that is wrong by up to one unit of the last place, up or down by chance, where a result is no number of its
 * dtype; what is one is kept, so that moving, comparing and selecting stay exact. Of a program it shows what steps lose that
 * are each a little wrong, where rounding to the nearest may be lucky.
 *
 * @source D. Stott Parker, Monte Carlo Arithmetic (UCLA CSD-970002, 1997): random rounding
 */
export const careless = (seed: number): Round => {
  const chunk = 1024;
  let draws = new Float64Array(0);
  let [next, chunks] = [0, 0];
  const draw = (): number => {
    if (next === draws.length) {
      draws = Float64Array.from(uniform(foldIn(key(seed), chunks++), chunk, -1, 1));
      next = 0;
    }
    return draws[next++] ?? 0;
  };
  return (dtype, x) => {
    const nearest = roundTo(dtype, x);
    return nearest === x || !Number.isFinite(nearest) ? nearest : roundTo(dtype, x * (1 + draw() * epsilons[dtype]));
  };
};
