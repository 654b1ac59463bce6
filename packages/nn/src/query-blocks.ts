import { type Expr, pad, reshape, scan, sliceInDim, transpose, withType } from '@torsor/tensor';

/** `[b, t, …]` as blocks of `rows` tokens `[count, b, rows, …]`, the last one filled up with zeros. */
const inBlocks = (x: Expr, rows: number): Expr =>
  withType(x, ({ shape: [b = 0, t = 0, ...rest] }) => {
    const count = Math.ceil(t / rows);
    const zeros = rest.map(() => 0);
    const padded = pad(x, [0, 0, ...zeros], [0, count * rows - t, ...zeros]);
    const axes = rest.map((_, i) => i + 3);
    return transpose(reshape(padded, [b, count, rows, ...rest]), [1, 0, 2, ...axes]);
  });

/** The inverse of {@link inBlocks} for `t` tokens. */
const fromBlocks = (blocks: Expr, t: number): Expr =>
  withType(blocks, ({ shape: [count = 0, b = 0, rows = 0, ...rest] }) => {
    const axes = rest.map((_, i) => i + 3);
    return sliceInDim(reshape(transpose(blocks, [1, 0, 2, ...axes]), [b, count * rows, ...rest]), 0, t, 1);
  });

/** How many tokens of `t` a block has: equal blocks, as few as keep within `limit` tokens, at least one each. */
export const blockRows = (t: number, limit: number): number => Math.ceil(t / Math.ceil(t / Math.max(1, limit)));

/**
 * Attention block of queries by block of queries: the scores of one block at a time, which the derivative computes again.
 * The batch stays whole, so that one that is split over devices stays where it is.
 *
 * @param attend - from queries `[b, rows, h, e]` and their bias `[b, rows, s]` to `[b, rows, h, e]`.
 * @param rows - of a block; see {@link blockRows}.
 * @law equal to all queries at once.
 */
export const overQueryBlocks = (attend: (q: Expr, bias: Expr) => Expr, q: Expr, bias: Expr, rows: number): Expr =>
  withType(q, ({ shape: [, t = 0] }) => {
    if (rows >= t) return attend(q, bias);
    const step = (carry: Record<never, Expr>, x: { readonly q: Expr; readonly bias: Expr }) => ({
      carry,
      y: attend(x.q, x.bias),
    });
    return fromBlocks(scan(step, {}, { q: inBlocks(q, rows), bias: inBlocks(bias, rows) }).ys, t);
  });
