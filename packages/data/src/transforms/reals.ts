/** A flat array of real numbers; transforms give back the kind they were given. */
export type Reals = Float32Array | Float64Array;

/** A fresh array of the same kind. */
export const sameKind = (like: Reals, length: number): Reals =>
  like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);

/** States and action chunks of `b` samples: what transforms act on. A `Batch` is one. */
export type StateActions = {
  readonly stateDim: number;
  readonly actionDim: number;
  readonly actionHorizon: number;
  /** `[b, sd]` */
  readonly state: Reals;
  /** `[b, ah, ad]` */
  readonly actions: Reals;
};
