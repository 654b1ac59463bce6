import * as E from 'fp-ts/lib/Either.js';
import { addLowRank, type WeightAdapter } from '../convert/adapter.js';
import type { CheckpointError } from '../error.js';
import { itemSize } from '../safetensors/dtype.js';
import { toFloat32 } from '../safetensors/views.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';

type Result<A> = Promise<E.Either<CheckpointError, A>>;

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** Consecutive elements of a tensor, as f32. */
const elements = async (
  { path, tensors, read }: TensorSource,
  name: string,
  begin: number,
  end: number,
): Result<Float32Array> => {
  const stored = tensors.get(name);
  if (stored === undefined) return E.left({ _tag: 'MissingFile', path, file: name });
  const { dtype, file } = stored;
  const bytes = new Uint8Array((end - begin) * itemSize(dtype));
  const filled = await read(name, begin * itemSize(dtype), bytes);
  if (E.isLeft(filled)) return filled;
  const floats = toFloat32({ dtype, shape: [end - begin], data: bytes });
  return E.isRight(floats)
    ? floats
    : E.left({ _tag: 'BadSafetensors', path, file: `${file}: ${name}`, error: floats.left });
};

/** What is known of an adapter before it is read. */
type Sized = WeightAdapter & {
  readonly rank: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly heads: number;
};

const sized = (tensors: ReadonlyMap<string, StoredTensor>, adapter: WeightAdapter): Sized => {
  const shape = tensors.get(adapter.weight)?.shape ?? [];
  return {
    ...adapter,
    rank: tensors.get(adapter.a)?.shape.at(-1) ?? 0,
    inputs: shape.at(-2) ?? 1,
    outputs: shape.at(-1) ?? 1,
    heads: adapter.sharesB ? (shape.at(-3) ?? 1) : 1,
  };
};

/** The factor `b` of a matrix, or the sum of those of its heads. */
const readB = async (source: TensorSource, { b, rank, outputs, heads }: Sized, group: number): Result<Float32Array> => {
  const size = rank * outputs;
  const all = await elements(source, b, group * heads * size, (group + 1) * heads * size);
  if (E.isLeft(all) || heads === 1) return all;
  const sums = new Float64Array(size);
  for (let i = 0; i < all.right.length; i += 1) sums[i % size] = (sums[i % size] ?? 0) + (all.right[i] ?? 0);
  return E.right(Float32Array.from(sums));
};

const readMerged = async (
  source: TensorSource,
  adapter: Sized,
  [begin, end]: readonly [number, number],
): Result<Float32Array> => {
  const { weight, a, rank, inputs, outputs, heads, scale } = adapter;
  const [first, last] = [Math.floor(begin / outputs), Math.ceil(end / outputs)];
  const sum = await elements(source, weight, begin, end);
  if (E.isLeft(sum)) return sum;
  const factors = await elements(source, a, first * rank, last * rank);
  if (E.isLeft(factors)) return factors;
  for (let row = first; row < last; ) {
    const b = await readB(source, adapter, Math.floor(row / inputs / heads));
    if (E.isLeft(b)) return b;
    const next = Math.min(last, (Math.floor(row / inputs / heads) + 1) * heads * inputs);
    const from = Math.max(begin, row * outputs);
    const part = sum.right.subarray(from - begin, Math.min(end, next * outputs) - begin);
    const left = factors.right.subarray((row - first) * rank, (next - first) * rank);
    addLowRank(part, from - row * outputs, { a: left, b: b.right, rank, outputs, scale });
    row = next;
  }
  return sum;
};

/**
 * A source whose adapters are added to the weights that they adapt, which are f32 then; the factors are hidden. Nothing is added before it
 * is read: memory holds what is asked for, the rows of `a` that it touches and one `b`.
 *
 * @param adapters - of shapes that fit.
 * @law a part of a merged weight is that part of the whole: pieces of any size give the same bytes.
 */
export const mergedSource = (source: TensorSource, adapters: readonly WeightAdapter[]): TensorSource => {
  const byWeight = new Map(adapters.map((adapter) => [adapter.weight, sized(source.tensors, adapter)]));
  const factors = new Set(adapters.flatMap(({ a, b }) => [a, b]));
  const tensors = [...source.tensors].flatMap(([name, tensor]): readonly (readonly [string, StoredTensor])[] => {
    if (factors.has(name)) return [];
    return [[name, byWeight.has(name) ? { ...tensor, dtype: 'F32', bytes: 4 * product(tensor.shape) } : tensor]];
  });
  return {
    ...source,
    tensors: new Map(tensors),
    read: async (name, offset, target) => {
      const adapter = byWeight.get(name);
      if (adapter === undefined) return source.read(name, offset, target);
      const [begin, end] = [Math.floor(offset / 4), Math.ceil((offset + target.byteLength) / 4)];
      const merged = await readMerged(source, adapter, [begin, end]);
      if (E.isLeft(merged)) return merged;
      const bytes = new Uint8Array(merged.right.buffer, merged.right.byteOffset, merged.right.byteLength);
      target.set(bytes.subarray(offset - 4 * begin, offset - 4 * begin + target.byteLength));
      return E.right(undefined);
    },
  };
};
