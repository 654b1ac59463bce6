import { convert, type DType, dotGeneral, type Expr, withTypes } from '@torsor/tensor';
import { type Params, paramAt } from '../params/at.js';

/** What logits are in, given what tokens and table are in: float64 stays, everything else is float32. */
export const logitsDType = (compute: DType, table: DType): DType =>
  compute === 'f64' || table === 'f64' ? 'f64' : 'f32';

/**
 * The logits of the next token: the product with the embedding table, which is tied.
 *
 * A narrow token meets a wide table in the wide dtype; if both are narrow the product is summed in the wide dtype.
 *
 * @param params - the language model's, below `PaliGemma/llm`.
 * @param preLogits - `[…, d]` after the last normalization.
 * @returns `[…, v]`.
 * @source openpi `models/gemma_fast.py` `Embedder.decode` (15a9616)
 */
export const tokenLogits = (params: Params, preLogits: Expr): Expr => {
  const table = paramAt(params, 'embedder/input_embedding');
  return withTypes([preLogits, table], ([x, rows]) => {
    const [from, to] = [x?.dtype ?? 'f32', rows?.dtype ?? 'f32'];
    const wide = logitsDType(from, to);
    const common = from === to ? from : wide;
    const axis = (x?.shape.length ?? 1) - 1;
    return dotGeneral(convert(preLogits, common), convert(table, common), { contract: [[axis], [1]], dtype: wide });
  });
};
