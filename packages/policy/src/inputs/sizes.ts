/** The sizes of the arrays that a model takes. */
export type ModelSizes = {
  /** ad, the width that states and actions are padded to. */
  readonly actionDim: number;
  /** ah, the actions of a chunk. */
  readonly actionHorizon: number;
  /** l, the tokens of a prompt or sequence. */
  readonly maxTokenLen: number;
  readonly imageSize: readonly [height: number, width: number];
};
