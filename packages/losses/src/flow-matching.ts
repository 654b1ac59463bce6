import {
  add,
  broadcastInDim,
  convert,
  div,
  type Expr,
  maximum,
  mean,
  mul,
  reduceSum,
  refused,
  reshape,
  type Shape,
  sameShape,
  sameType,
  select,
  showType,
  sliceInDim,
  square,
  sub,
  type TensorType,
  withType,
  zerosLike,
} from '@torsor/tensor';

/** What a flow-matching model is given and what it must predict. */
export type FlowMatchingInputs = {
  /** `[b, ah, ad]` the point on the straight path from actions to noise at the sample's time. */
  readonly x_t: Expr;
  /** `[b, ah, ad]` the velocity of that path. */
  readonly u_t: Expr;
};

const refuseInputs = (actions: TensorType, noise: TensorType, time: TensorType): string | undefined => {
  if (!sameType(actions, noise))
    return `actions and noise must have one type, got ${showType(actions)} and ${showType(noise)}`;
  const [batch, ...rest] = actions.shape;
  if (batch === undefined || rest.length === 0) return `actions must be [b, ah, ad], got ${showType(actions)}`;
  if (time.dtype !== actions.dtype || time.shape.length !== 1 || time.shape[0] !== batch) {
    return `time must be ${actions.dtype}[${batch}], one per sample, got ${showType(time)}`;
  }
  return undefined;
};

const perSample = (time: Expr, shape: Shape): Expr =>
  reshape(
    time,
    shape.map((extent, axis) => (axis === 0 ? extent : 1)),
  );

/**
 * The point at time t on the straight path from actions (t = 0) to noise (t = 1): `x_t = t ε + (1 − t) a`.
 *
 * @param actions - `f32[b, ah, ad]` normalized actions a.
 * @param noise - `f32[b, ah, ad]` ε ~ N(0, I).
 * @param time - `f32[b]` t in [0, 1].
 * @returns `f32[b, ah, ad]`.
 * @errors `ShapeError` when the types of actions and noise differ or there is not one time per sample.
 * @law t = 0 gives the actions, t = 1 the noise; ∂x_t/∂t = u_t.
 * @source openpi `models/pi0.py` `Pi0.compute_loss` (15a9616)
 */
export const interpolate = (actions: Expr, noise: Expr, time: Expr): Expr =>
  withType(actions, (a) =>
    withType(noise, (n) =>
      withType(time, (t) => {
        const reason = refuseInputs(a, n, t);
        if (reason !== undefined) return refused('interpolate', [a, n, t], reason);
        const weight = perSample(time, a.shape);
        return add(mul(weight, noise), mul(sub(1, weight), actions));
      }),
    ),
  );

/**
 * The input and the target of a flow-matching model: `x_t = t ε + (1 − t) a` and `u_t = ε − a`.
 *
 * @param actions - `f32[b, ah, ad]` normalized actions a.
 * @param noise - `f32[b, ah, ad]` ε ~ N(0, I).
 * @param time - `f32[b]` t in [0, 1]; π0 draws 0.999 · Beta(1.5, 1) + 0.001.
 * @errors `ShapeError` as `interpolate`.
 * @source openpi `models/pi0.py` `Pi0.compute_loss` (15a9616)
 */
export const flowMatchingInputs = (actions: Expr, noise: Expr, time: Expr): FlowMatchingInputs => ({
  x_t: interpolate(actions, noise, time),
  u_t: sub(noise, actions),
});

const difference = (name: string, v_t: Expr, u_t: Expr, of: (difference: Expr) => Expr): Expr =>
  withType(v_t, (predicted) =>
    withType(u_t, (target) =>
      sameType(predicted, target) && target.shape.length >= 2
        ? of(sub(v_t, u_t))
        : refused(name, [predicted, target], 'v_t and u_t must have one type [b, ah, ad]'),
    ),
  );

/**
 * The squared error of each predicted velocity component: `(v_t − u_t)²`.
 *
 * @param v_t - `f32[b, ah, ad]` the model's prediction.
 * @param u_t - `f32[b, ah, ad]` the target velocity.
 * @returns `f32[b, ah, ad]`.
 * @errors `ShapeError` when the types differ: nothing is broadcast.
 * @law 0 iff v_t = u_t.
 * @source openpi `models_pytorch/pi0_pytorch.py` `PI0Pytorch.forward`, `reduction="none"` (15a9616)
 */
export const flowMatching = (v_t: Expr, u_t: Expr): Expr => difference('flowMatching', v_t, u_t, square);

/**
 * The mean squared error of each predicted action of a chunk. The trainer takes the mean over b and ah.
 *
 * @param v_t - `f32[b, ah, ad]` the model's prediction.
 * @param u_t - `f32[b, ah, ad]` the target velocity.
 * @returns `f32[b, ah]`, the mean over all of ad, padded dimensions included.
 * @errors `ShapeError` when the types differ.
 * @law 0 iff v_t = u_t; permuting the batch permutes the losses; a sample's loss depends on that sample only.
 * @source openpi `models/pi0.py` `Pi0.compute_loss` (15a9616)
 */
export const flowMatchingLoss = (v_t: Expr, u_t: Expr): Expr =>
  difference('flowMatchingLoss', v_t, u_t, (d) => mean(square(d), [-1]));

/**
 * The mean squared error of each predicted action over the robot's own dimensions, without the padded ones.
 *
 * @param v_t - `f32[b, ah, ad]` the model's prediction.
 * @param u_t - `f32[b, ah, ad]` the target velocity.
 * @param realDims - how many of the first dimensions are the robot's, 1 to ad.
 * @returns `f32[b, ah]`.
 * @errors `ShapeError` when the types differ or `realDims` is not in 1 to ad.
 * @law with `realDims` = ad it is `flowMatchingLoss`; padded dimensions change neither loss nor gradient.
 * @source LeRobot `policies/pi0/modeling_pi0.py` `PI0Policy.forward`, which truncates to the original action dimension.
 */
export const flowMatchingLossRealDims = (v_t: Expr, u_t: Expr, realDims: number): Expr =>
  withType(v_t, (type) => {
    const ad = type.shape[type.shape.length - 1] ?? 0;
    if (!Number.isInteger(realDims) || realDims < 1 || realDims > ad) {
      return refused('flowMatchingLossRealDims', [type], `realDims is ${realDims}; give an integer from 1 to ${ad}`);
    }
    const real = (x: Expr): Expr => sliceInDim(x, 0, realDims, -1);
    return flowMatchingLoss(real(v_t), real(u_t));
  });

/**
 * The mean squared error of a chunk over its real steps, without those that lie beyond the end of an episode:
 * `Σ_h mask_h · mean_d (v_t − u_t)² / max(Σ_h mask_h, 1)` per sample. The trainer takes the mean over b.
 *
 * @param v_t - `f32[b, ah, ad]` the model's prediction.
 * @param u_t - `f32[b, ah, ad]` the target velocity.
 * @param mask - `bool[b, ah]` whether a step is real.
 * @param realDims - how many of the first dimensions are the robot's; all of ad where left out.
 * @returns `f32[b]`; `0` for a sample without real steps.
 * @errors `ShapeError` when the types differ, `mask` is not bool[b, ah], or as `flowMatchingLossRealDims`.
 * @law without padding, the mean of `flowMatchingLoss` over ah; what stands in the padding changes neither loss nor
 * gradient, NaN and infinities included; a sample's loss depends on that sample only.
 * @source LeRobot v0.3.3 `policies/pi0/modeling_pi0.py` `PI0Policy.forward`, whose `actions_is_pad` leaves such steps out but divides
 * by all of ah; openpi averages them too.
 */
export const flowMatchingLossRealSteps = (v_t: Expr, u_t: Expr, mask: Expr, realDims?: number): Expr =>
  withType(v_t, (type) =>
    withType(mask, (given) => {
      const leading = type.shape.slice(0, 2);
      if (given.dtype !== 'bool' || !sameShape(given.shape, leading)) {
        const reason = `mask must be bool[${leading.join(',')}], got ${showType(given)}`;
        return refused('flowMatchingLossRealSteps', [type, given], reason);
      }
      const ad = type.shape[2] ?? 0;
      const inMask = broadcastInDim(mask, type.shape, [0, 1]);
      // Before any arithmetic: a NaN in the padding would otherwise survive as 0 · NaN, here or in the derivative.
      const real = (x: Expr): Expr => select(inMask, x, zerosLike(x));
      const perStep = difference('flowMatchingLossRealSteps', v_t, u_t, () =>
        flowMatchingLossRealDims(real(v_t), real(u_t), realDims ?? ad),
      );
      return div(reduceSum(perStep, [1]), maximum(reduceSum(convert(mask, type.dtype), [1]), 1));
    }),
  );
