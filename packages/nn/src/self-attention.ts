import {
  add,
  concatenate,
  convert,
  type DType,
  dotGeneral,
  type Expr,
  mul,
  refused,
  reshape,
  sliceInDim,
  squeeze,
  transpose,
  withType,
  withTypes,
} from '@torsor/tensor';
import { softmaxMix } from './attention.js';
import { type LinearParams, linear, project } from './linear.js';

/** The parameters of multi-head attention: to heads `kernel [d, h, e]`, `bias [h, e]`; `out` back, `[h, e, d]`, `[d]`. */
export type SelfAttentionParams = {
  readonly query: LinearParams;
  readonly key: LinearParams;
  readonly value: LinearParams;
  readonly out: LinearParams;
};

const batch = [[0], [0]] as const;

/** The affine maps to queries, keys and values as one, in a dtype: `kernel [d, 3 h e]`, `bias [3 h e]`. */
const joined = (maps: readonly LinearParams[], inner: number, dtype: DType): LinearParams => {
  const flat = (x: Expr, rows: number): Expr => convert(reshape(x, [...(rows > 0 ? [rows] : []), inner]), dtype);
  return {
    kernel: concatenate(
      maps.map(({ kernel }) => withType(kernel, ({ shape: [d = 0] }) => flat(kernel, d))),
      1,
    ),
    bias: concatenate(
      maps.map(({ bias }) => flat(bias, 0)),
      0,
    ),
  };
};

/**
 * Attention of tokens to all of their own sequence. Everything, softmax too, is in the dtype of the tokens. Queries are
 * scaled by √(1 / e).
 *
 * @param x - `[b, s, d]`.
 * @returns `[b, s, d]`.
 * @law permuting the tokens permutes the result.
 * @source flax 0.10.2 `nn.MultiHeadDotProductAttention`
 */
export const selfAttention = ({ query, key, value, out }: SelfAttentionParams, x: Expr): Expr =>
  withTypes([x, query.kernel], ([tokens, kernel]) => {
    const [b = 0, s = 0] = tokens?.shape ?? [];
    const [d = 0, h = 0, e = 0] = kernel?.shape ?? [];
    if (kernel?.shape.length !== 3) return refused('selfAttention', [], 'the kernel of the queries must be [d, h, e]');
    const heads = reshape(linear(joined([query, key, value], h * e, tokens?.dtype ?? 'f32'), x), [b, s, 3, h, e]);
    // Heads first, so that every product is a plain matrix product in a batch.
    const first = reshape(transpose(heads, [2, 0, 3, 1, 4]), [3, b * h, s, e]);
    const [q, k, v] = [0, 1, 2].map((i) => squeeze(sliceInDim(first, i, i + 1, 0), 0)) as [Expr, Expr, Expr];
    const scores = dotGeneral(mul(q, e ** -0.5), k, { contract: [[2], [2]], batch });
    const mixed = transpose(reshape(softmaxMix(scores, v), [b, h, s, e]), [0, 2, 1, 3]);
    const merged = project(reshape(mixed, [b, s, h * e]), reshape(out.kernel, [h * e, d]));
    return add(merged, convert(out.bias, tokens?.dtype ?? 'f32'));
  });
