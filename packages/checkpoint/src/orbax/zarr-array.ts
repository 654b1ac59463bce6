import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';
import type { SafetensorsDType } from '../safetensors/dtype.js';

/** An array in chunks of one shape; those at the end hold more than the array does. */
export type ZarrArray = {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly isCompressed: boolean;
  /** Between the numbers of a chunk's key. */
  readonly separator: string;
};

const dtypes: Readonly<Record<string, SafetensorsDType>> = {
  bfloat16: 'BF16',
  '<f2': 'F16',
  '<f4': 'F32',
  '<f8': 'F64',
  '|b1': 'BOOL',
  '|i1': 'I8',
  '|u1': 'U8',
  '<i2': 'I16',
  '<u2': 'U16',
  '<i4': 'I32',
  '<u4': 'U32',
  '<i8': 'I64',
  '<u8': 'U64',
};

const sizes = z.array(z.int().min(0));

const schema = z.object({
  zarr_format: z.literal(2),
  shape: sizes,
  chunks: z.array(z.int().min(1)),
  dtype: z.string(),
  order: z.literal('C'),
  filters: z.null().optional(),
  fill_value: z.literal(0).nullable().optional(),
  compressor: z.object({ id: z.literal('zstd') }).nullable(),
  dimension_separator: z.enum(['.', '/']).default('.'),
});

/**
 * Reads `.zarray`: what Orbax writes unless it is told to use zarr v3.
 *
 * @returns or the first field that is of another form.
 * @source TensorStore `driver/zarr/index.rst`; orbax-checkpoint 0.11.13 `tensorstore_utils.py`
 */
export const readZarrArray = (bytes: Uint8Array): E.Either<string, ZarrArray> =>
  pipe(
    E.tryCatch(
      () => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
      () => 'it is not JSON',
    ),
    E.flatMap((json) => {
      const read = schema.safeParse(json);
      if (read.success) return E.right(read.data);
      const [issue] = read.error.issues;
      return E.left(`'${issue?.path.join('.')}' is of another form: ${issue?.message}`);
    }),
    E.flatMap(({ shape, chunks, dtype: name, compressor, dimension_separator: separator }) => {
      const dtype = dtypes[name];
      if (dtype === undefined) return E.left(`'dtype' is ${name}, which is not read`);
      if (shape.length !== chunks.length)
        return E.left(`'chunks' has ${chunks.length} axes and 'shape' ${shape.length}`);
      return E.right({ dtype, shape, chunks, isCompressed: compressor !== null, separator });
    }),
  );

/** The key of a chunk below its array: the numbers of its axes; of an array without axes, 0. */
export const chunkKey = ({ separator }: ZarrArray, indices: readonly number[]): string =>
  indices.length === 0 ? '0' : indices.join(separator);

/** Consecutive elements that lie in one chunk. */
export type Run = {
  readonly chunk: readonly number[];
  /** First element in the chunk. */
  readonly offset: number;
  readonly length: number;
};

const product = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** Trailing axes that every chunk holds whole: their elements follow one another in array and chunk alike. */
const wholeFrom = ({ shape, chunks }: ZarrArray): number => {
  let axis = shape.length;
  while (axis > 0 && chunks[axis - 1] === shape[axis - 1]) axis -= 1;
  return axis;
};

/** Where an element lies: its chunk, its place there, and how many elements follow it in the array and in the chunk alike. */
const locate = (array: ZarrArray, element: number, axis: number): Run => {
  const { shape, chunks } = array;
  const inner = product(shape.slice(axis));
  const chunk: number[] = shape.map(() => 0);
  let rest = Math.floor(element / inner);
  let offset = element % inner;
  let stride = inner;
  for (let i = axis - 1; i >= 0; i -= 1) {
    const [size, part] = [shape[i] ?? 1, chunks[i] ?? 1];
    const at = rest % size;
    rest = Math.floor(rest / size);
    chunk[i] = Math.floor(at / part);
    offset += (at % part) * stride;
    stride *= part;
  }
  if (axis === 0) return { chunk, offset, length: inner - offset };
  const [size, part] = [shape[axis - 1] ?? 1, chunks[axis - 1] ?? 1];
  const at = Math.floor(element / inner) % size;
  const until = Math.min(size, at - (at % part) + part);
  return { chunk, offset, length: (until - at) * inner - (element % inner) };
};

/**
 * The runs of chunks that consecutive elements of an array are made of, in order.
 *
 * @law their lengths add up to `end − begin`; element by element they are the array.
 */
export const runsOf = function* (array: ZarrArray, begin: number, end: number): Generator<Run> {
  const axis = wholeFrom(array);
  for (let at = begin; at < end; ) {
    const run = locate(array, at, axis);
    const length = Math.min(run.length, end - at);
    yield { ...run, length };
    at += length;
  }
};
