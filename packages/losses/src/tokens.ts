import {
  and,
  argmax,
  broadcastInDim,
  convert,
  type DType,
  div,
  type Expr,
  eq,
  expandDims,
  ge,
  iota,
  isFloat,
  isInteger,
  logSumExp,
  lt,
  maximum,
  reduceSum,
  refused,
  sameShape,
  select,
  showType,
  sliceInDim,
  sub,
  type TensorType,
  where,
  withType,
  zerosLike,
} from '@torsor/tensor';

/** Builds from logits, targets and mask that fit together. */
const ofTokens = (
  name: string,
  [logits, targets, mask]: readonly [Expr, Expr, Expr],
  build: (logits: TensorType, targets: TensorType) => Expr,
): Expr =>
  withType(logits, (x) =>
    withType(targets, (t) =>
      withType(mask, (m) => {
        const reason = refuseTokens(x, t, m);
        return reason === undefined ? build(x, t) : refused(name, [x, t, m], reason);
      }),
    ),
  );

const refuseTokens = (logits: TensorType, targets: TensorType, mask: TensorType): string | undefined => {
  if (!isFloat(logits.dtype) || logits.shape.length !== 3)
    return `logits must be float [b, l, v], got ${showType(logits)}`;
  const leading = logits.shape.slice(0, 2);
  if (!isInteger(targets.dtype) || !sameShape(targets.shape, leading)) {
    return `targets must be integers [${leading.join(',')}], got ${showType(targets)}`;
  }
  return mask.dtype === 'bool' && sameShape(mask.shape, leading)
    ? undefined
    : `mask must be bool[${leading.join(',')}], got ${showType(mask)}`;
};

/** Sums are kept in at least f32. */
const sumDtype = (dtype: DType): DType => (dtype === 'f64' ? 'f64' : 'f32');

/** Σ values·mask / max(Σ mask, 1) over l; what is outside the mask is not looked at. */
const maskedMean = (values: Expr, mask: Expr, dtype: DType): Expr =>
  div(reduceSum(select(mask, values, zerosLike(values)), [1]), maximum(reduceSum(convert(mask, dtype), [1]), 1));

/** The logit of each target: the others are selected away, so that an infinite one does no harm. */
const targetLogits = (logits: Expr, targets: Expr, { shape }: TensorType): Expr =>
  withType(targets, ({ dtype }) => {
    const isTarget = eq(expandDims(targets, -1), iota(dtype, shape, 2));
    return reduceSum(select(isTarget, logits, zerosLike(logits)), [2]);
  });

/**
 * Mean negative log-likelihood of the target tokens inside the loss mask, per example:
 * `Σ CE · mask / max(Σ mask, 1)` over l.
 *
 * @param logits - `f32[b, l, v]` unnormalized log-probabilities; of a lower precision they are summed in f32.
 * @param targets - `i32[b, l]` token ids in `[0, v)`.
 * @param mask - `bool[b, l]` `token_loss_mask`, shifted as the targets are.
 * @returns `f32[b]` nats per unmasked token; `0` for an example with none. NaN when a target inside the mask is not in
 * `[0, v)`: a mistake upstream is not averaged away.
 * @errors `ShapeError` when the leading axes differ, `targets` are not integers or `mask` is not bool.
 * @law logits and targets outside the mask change neither loss nor gradient, NaN and infinities included; adding a
 * constant to `logits` along v changes nothing.
 * @source openpi `models/pi0_fast.py` `Pi0FAST.compute_loss` (15a9616)
 * @example maskedTokenCrossEntropy(uniform, targets, mask) // ln v
 */
export const maskedTokenCrossEntropy = (logits: Expr, targets: Expr, mask: Expr): Expr =>
  ofTokens('maskedTokenCrossEntropy', [logits, targets, mask], (x) => {
    const dtype = sumDtype(x.dtype);
    const inMask = broadcastInDim(mask, x.shape, [0, 1]);
    // Before any arithmetic: a NaN outside the mask would otherwise survive as 0 · NaN, here or in the derivative.
    const seen = convert(select(inMask, logits, zerosLike(logits)), dtype);
    const crossEntropy = sub(logSumExp(seen), targetLogits(seen, targets, x));
    const known = and(ge(targets, 0), lt(targets, x.shape[2] ?? 0));
    return maskedMean(where(known, crossEntropy, Number.NaN), mask, dtype);
  });

/**
 * The share of target tokens inside the mask whose logit is the largest, per example.
 *
 * @param logits - `f32[b, l, v]`.
 * @param targets - `i32[b, l]` token ids.
 * @param mask - `bool[b, l]`.
 * @returns `f32[b]` in [0, 1]; `0` for an example with an empty mask. At a tie the smallest token id counts.
 * @errors `ShapeError` as `maskedTokenCrossEntropy`.
 */
export const tokenAccuracy = (logits: Expr, targets: Expr, mask: Expr): Expr =>
  ofTokens('tokenAccuracy', [logits, targets, mask], (x, t) => {
    const dtype = sumDtype(x.dtype);
    const correct = eq(convert(argmax(logits), t.dtype), targets);
    return maskedMean(convert(correct, dtype), mask, dtype);
  });

/** Targets and mask of a next-token loss. */
export type NextTokens = {
  /** `i32[b, l − 1]` the token that follows each position. */
  readonly targets: Expr;
  /** `bool[b, l − 1]` whether that token counts. */
  readonly mask: Expr;
};

/**
 * What the logits at positions 0 … l − 2 must predict: tokens and loss mask shifted by one.
 *
 * @param tokens - `i32[b, l]`.
 * @param lossMask - `bool[b, l]` `token_loss_mask`.
 * @source openpi `models/pi0_fast.py` `Pi0FAST.compute_loss` (15a9616)
 */
export const nextTokens = (tokens: Expr, lossMask: Expr): NextTokens => {
  const tail = (x: Expr): Expr => withType(x, ({ shape }) => sliceInDim(x, 1, shape[1] ?? 1, 1));
  return { targets: tail(tokens), mask: tail(lossMask) };
};
