import {
  add,
  argmax,
  convert,
  cumsum,
  div,
  type Expr,
  exp,
  expandDims,
  gather,
  le,
  minimum,
  mul,
  pad,
  reduceMax,
  reduceSum,
  reshape,
  squeeze,
  sub,
  withType,
} from '@torsor/tensor';

/** The most likely token, the smallest id at a tie: `[b, v]` to `i32[b]`. */
export const greedy = (logits: Expr): Expr => argmax(logits, -1);

/**
 * Where the running sum of weights first exceeds a threshold; never behind the last positive weight, whatever rounding
 * does to a threshold next to the sum of all.
 *
 * @param running - `[b, n]`, not decreasing.
 * @param threshold - `[b]`.
 */
const firstAbove = (running: Expr, threshold: Expr): Expr => {
  const passed = reduceSum(convert(le(running, expandDims(threshold, 1)), 'i32'), [1]);
  return minimum(passed, argmax(running, -1));
};

/** The element of each row of `[b, n, …]` at an index `i32[b]`. */
const rowAt = (x: Expr, index: Expr): Expr => squeeze(gather(x, expandDims(index, 1), 1, 1), 1);

/**
 * A token drawn from softmax(logits / temperature) by the inverse of its distribution function: one uniform number per
 * token. The vocabulary is summed in about √v groups of about √v tokens, and only the drawn group is summed token by
 * token: two short running sums instead of one over the whole vocabulary.
 *
 * openpi draws from the same distribution by Gumbel noise, one number per token of the vocabulary, so its draws differ.
 *
 * @param logits - `[b, v]`.
 * @param temperature - above 0.
 * @param uniforms - `[b]` in [0, 1).
 * @returns `i32[b]`.
 */
export const drawToken = (logits: Expr, temperature: number, uniforms: Expr): Expr =>
  withType(logits, ({ dtype, shape: [b = 0, v = 0] }) => {
    const weights = exp(div(sub(logits, expandDims(reduceMax(logits, [1]), 1)), temperature));
    const size = Math.ceil(Math.sqrt(v));
    const groups = Math.ceil(v / size);
    const grouped = reshape(pad(weights, [0, 0], [0, groups * size - v]), [b, groups, size]);
    const sums = reduceSum(grouped, [2]);
    const running = cumsum(sums, 1);
    const threshold = mul(convert(uniforms, dtype), reduceMax(running, [1]));
    const group = firstAbove(running, threshold);
    const before = sub(rowAt(running, group), rowAt(sums, group));
    const within = firstAbove(cumsum(rowAt(grouped, group), 1), sub(threshold, before));
    return add(mul(group, size), within);
  });
