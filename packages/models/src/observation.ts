import { wideDType } from '@torsor/nn';
import { type DType, type Expr, type TensorType, tensorType } from '@torsor/tensor';

/** What a policy sees: `A` is `Expr` in a program, `TensorType` in its signature, a value when it runs. */
export type Observation<A = Expr> = {
  /** `f32[b, h, w, 3]` in [-1, 1], by camera. */
  readonly images: { readonly [camera: string]: A };
  /** `bool[b]`, false where the camera is absent, by camera. */
  readonly imageMasks: { readonly [camera: string]: A };
  /** `f32[b, ad]`, normalized and padded. */
  readonly state: A;
  /** `i32[b, l]` token ids in `[0, v)`. */
  readonly tokenizedPrompt: A;
  /** `bool[b, l]`, false for padding. */
  readonly tokenizedPromptMask: A;
};

/** An observation with what an autoregressive policy is told about each token of its sequence. */
export type FastObservation<A = Expr> = Observation<A> & {
  /** `i32[b, l]`, 0 where a token sees its predecessors and the whole prefix, 1 where it begins a group of its own. */
  readonly tokenArMask: A;
  /** `bool[b, l]`, true where a token is predicted. */
  readonly tokenLossMask: A;
};

/** What an observation's types follow from; the configurations of all families have it. */
export type ObservationConfig = {
  readonly actionDim: number;
  readonly maxTokenLen: number;
  readonly cameras: readonly string[];
  readonly imageSize: readonly [height: number, width: number];
  readonly paramDtype: DType;
};

const byCamera = (cameras: readonly string[], type: TensorType): { readonly [camera: string]: TensorType } =>
  Object.fromEntries(cameras.map((camera) => [camera, type]));

/**
 * The types of an observation of `batch` samples. Images and states are in the wide dtype of the parameters: float32 for
 * parameters in bf16 too.
 */
export const observationTypes = (config: ObservationConfig, batch: number): Observation<TensorType> => {
  const wide = wideDType(config.paramDtype);
  return {
    images: byCamera(config.cameras, tensorType(wide, [batch, ...config.imageSize, 3])),
    imageMasks: byCamera(config.cameras, tensorType('bool', [batch])),
    state: tensorType(wide, [batch, config.actionDim]),
    tokenizedPrompt: tensorType('i32', [batch, config.maxTokenLen]),
    tokenizedPromptMask: tensorType('bool', [batch, config.maxTokenLen]),
  };
};

/** The types of an observation of `batch` samples with the masks of an autoregressive policy. */
export const fastObservationTypes = (config: ObservationConfig, batch: number): FastObservation<TensorType> => ({
  ...observationTypes(config, batch),
  tokenArMask: tensorType('i32', [batch, config.maxTokenLen]),
  tokenLossMask: tensorType('bool', [batch, config.maxTokenLen]),
});
