import { convert, dotGeneral, type Expr, mul, transpose, withType } from '@torsor/tensor';
import { project } from './linear.js';

/** What is added to a weight: `scale · a · b`, a product of rank r. */
export type LowRank = {
  /** `[in, r]`, or one such factor per head. */
  readonly a: Expr;
  /** `[r, out]`, or one such factor per head. */
  readonly b: Expr;
  readonly scale: number;
};

const scaled = (x: Expr, scale: number): Expr => (scale === 1 ? x : mul(x, scale));

/** `[b, s, h, i]` times a matrix per head, `[h, i, j]`: `[h, b, s, j]`. */
const perHead = (x: Expr, w: Expr): Expr => dotGeneral(x, w, { contract: [[3], [1]], batch: [[2], [0]] });

/**
 * scale · (x · a) · b over the last axis, in the dtype of `x`; the product a · b is never formed.
 *
 * @param x - `[…, in]`.
 * @param factors - `a [in, r]`, `b [r, out]`.
 * @returns `[…, out]`.
 * @law equal to the projection by scale · (a · b).
 */
export const lowRank = ({ a, b, scale }: LowRank, x: Expr): Expr => scaled(project(project(x, a), b), scale);

/**
 * {@link lowRank} to several heads, each with factors of its own.
 *
 * @param x - `[b, s, d]`.
 * @param factors - `a [h, d, r]`, `b [h, r, e]`.
 * @returns `[b, s, h, e]`.
 */
export const lowRankToHeads = ({ a, b, scale }: LowRank, x: Expr): Expr =>
  withType(x, ({ dtype }) => {
    const low = dotGeneral(x, convert(a, dtype), { contract: [[2], [1]] });
    return scaled(transpose(perHead(low, convert(b, dtype)), [1, 2, 0, 3]), scale);
  });

/**
 * {@link lowRank} from several heads, each with factors of its own, summed over the heads.
 *
 * @param x - `[b, s, h, e]`.
 * @param factors - `a [h, e, r]`, `b [h, r, d]`.
 * @returns `[b, s, d]`.
 */
export const lowRankFromHeads = ({ a, b, scale }: LowRank, x: Expr): Expr =>
  withType(x, ({ dtype }) => {
    const low = perHead(x, convert(a, dtype));
    return scaled(
      dotGeneral(low, convert(b, dtype), {
        contract: [
          [0, 3],
          [0, 1],
        ],
      }),
      scale,
    );
  });
