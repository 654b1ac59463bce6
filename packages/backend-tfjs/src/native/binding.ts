/** An attribute of a TensorFlow operation, as the binding takes it. */
export type OpAttribute = {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
};

/** What the binding says of an operation's result. */
export type TensorMetadata = {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
};

/** tfjs-node's addon `tfjs_binding.node`: TensorFlow's eager operations on numbered tensors. */
export type TensorflowBinding = {
  readonly createTensor: (
    shape: readonly number[],
    dtype: number,
    data: Float32Array | Int32Array | Uint8Array,
  ) => number;
  readonly deleteTensor: (id: number) => void;
  readonly tensorDataSync: (id: number) => Float32Array | Int32Array | Uint8Array;
  readonly executeOp: (
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ) => readonly TensorMetadata[];
  readonly getNumOfTensors: () => number;
  readonly isUsingGpuDevice: () => boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_Version: string;
};
