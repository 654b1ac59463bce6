import { type HostArray, type Shape, sizeOf } from '@torsor/tensor';
import type { DeviceDType, DeviceTensor } from '../kernels.js';
import { bytesOf, type Elements } from '../loops/elements.js';
import type { OpAttribute, TensorflowBinding } from '../native/binding.js';

/** A tensor of TensorFlow's eager runtime: the binding's number for it. */
export type EagerTensor = DeviceTensor & {
  readonly id: number;
};

/** Attributes of an operation that are the same for every call. */
export type Attributes = readonly OpAttribute[];

/** TensorFlow's operations on numbered tensors, without tfjs's engine around them. */
export class EagerContext {
  readonly #binding: TensorflowBinding;
  readonly #vectors = new Map<string, number>();
  readonly #attributes = new Map<string, OpAttribute>();
  #buffers = 0;
  #bytes = 0;

  constructor(binding: TensorflowBinding) {
    this.#binding = binding;
  }

  /** Tensors alive that callers own. */
  get buffers(): number {
    return this.#buffers;
  }

  /** Bytes of the elements of live tensors; memory shared between two counts twice. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A tensor from the host. */
  upload(dtype: DeviceDType, shape: Shape, data: HostArray): EagerTensor {
    // A copy: the binding keeps an array whose memory is aligned, and the host may write into its own later.
    const given =
      data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array
        ? data.slice()
        : Float32Array.from(data);
    return this.#adopt(this.#binding.createTensor(shape, this.#code(dtype), given), dtype, shape);
  }

  /** A copy on the host. */
  download(x: EagerTensor): Elements {
    return this.#binding.tensorDataSync(x.id);
  }

  /** Gives a tensor back. */
  free(x: EagerTensor): void {
    this.#buffers -= 1;
    this.#bytes -= bytesOf[x.dtype] * sizeOf(x.shape);
    this.#binding.deleteTensor(x.id);
  }

  /** The element type of `T`-like attributes. */
  type(name: string, dtype: DeviceDType): OpAttribute {
    return this.#attribute(name, this.#binding.TF_ATTR_TYPE, this.#code(dtype));
  }

  /** A boolean attribute. */
  flag(name: string, value: boolean): OpAttribute {
    return this.#attribute(name, this.#binding.TF_ATTR_BOOL, value);
  }

  /** An integer attribute. */
  int(name: string, value: number): OpAttribute {
    return this.#attribute(name, this.#binding.TF_ATTR_INT, value);
  }

  /** A list of small integers as an i32 tensor: axes, shapes, permutations. Made once and kept. */
  vector(values: readonly number[]): number {
    const key = values.join(',');
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const id = this.#binding.createTensor([values.length], this.#binding.TF_INT32, Int32Array.from(values));
    this.#vectors.set(key, id);
    return id;
  }

  /** A single number as an i32 scalar. Made once and kept. */
  scalar(value: number): number {
    const key = `[] ${value}`;
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const id = this.#binding.createTensor([], this.#binding.TF_INT32, Int32Array.of(value));
    this.#vectors.set(key, id);
    return id;
  }

  /** Runs an operation with one result. */
  run(name: string, attributes: Attributes, inputs: readonly number[], dtype: DeviceDType): EagerTensor {
    const [made] = this.#binding.executeOp(name, attributes, inputs, 1);
    if (made === undefined) throw new Error(`TensorFlow's ${name} gave no result`);
    return this.#adopt(made.id, dtype, made.shape);
  }

  #adopt(id: number, dtype: DeviceDType, shape: Shape): EagerTensor {
    this.#buffers += 1;
    this.#bytes += bytesOf[dtype] * sizeOf(shape);
    return { id, dtype, shape };
  }

  #code(dtype: DeviceDType): number {
    if (dtype === 'f32') return this.#binding.TF_FLOAT;
    return dtype === 'i32' ? this.#binding.TF_INT32 : this.#binding.TF_BOOL;
  }

  #attribute(name: string, type: number, value: boolean | number): OpAttribute {
    const key = `${name} ${type} ${value}`;
    const known = this.#attributes.get(key) ?? { name, type, value };
    this.#attributes.set(key, known);
    return known;
  }
}

/**
 * The same elements under another shape; TensorFlow shares their memory.
 *
 * @param context - the runtime.
 * @param x - operand.
 * @param shape - of the same size.
 */
export const reshape = (context: EagerContext, x: EagerTensor, shape: Shape): EagerTensor => {
  return context.run(
    'Reshape',
    [context.type('T', x.dtype), context.type('Tshape', 'i32')],
    [x.id, context.vector(shape)],
    x.dtype,
  );
};

/**
 * A host array of zeros.
 *
 * @param dtype - of its elements.
 * @param size - how many.
 */
export const zeros = (dtype: DeviceDType, size: number): Elements => {
  if (dtype === 'f32') return new Float32Array(size);
  return dtype === 'i32' ? new Int32Array(size) : new Uint8Array(size);
};
