import { broadcastTo, type DotDimensions, dotGeneral, type Expr, matmul, type Shape, transpose } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { given, integers, normals, wideIntegers } from '../source.js';
import { exact, sumOf } from '../tolerance.js';
import { floats, forEach, integerDTypes } from './dtypes.js';

const product = (name: string, x: Shape, y: Shape, dimensions: DotDimensions, length: number): Case =>
  example(name, sumOf(length), { x: normals(x), y: normals(y) }, (given) => dotGeneral(given.x, given.y, dimensions));

const matrices = (name: string, x: Shape, y: Shape, op: (x: Expr, y: Expr) => Expr = matmul): Case =>
  example(name, sumOf(x[x.length - 1] ?? 1), { x: normals(x), y: normals(y) }, (given) => op(given.x, given.y));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Products. */
export const productCases = {
  dot_general: [
    ...forEach(floats, (dtype) =>
      example(`matrices, ${dtype}`, sumOf(5), { x: normals([4, 5], dtype), y: normals([5, 3], dtype) }, ({ x, y }) =>
        matmul(x, y),
      ),
    ),
    ...forEach(['bf16', 'f16'] as const, (dtype) =>
      example(
        `${dtype} summed in f32`,
        sumOf(50),
        { x: normals([4, 50], dtype), y: normals([50, 3], dtype) },
        ({ x, y }) => dotGeneral(x, y, { contract: [[1], [0]], dtype: 'f32' }),
      ),
    ),
    ...forEach(integerDTypes, (dtype) =>
      example(
        `wraps, ${dtype}`,
        exact,
        { x: wideIntegers([3, 4], dtype), y: wideIntegers([4, 2], dtype) },
        ({ x, y }) => matmul(x, y),
      ),
    ),
    example('small integers', exact, { x: integers(-9, 9, [3, 4]), y: integers(-9, 9, [4, 2]) }, ({ x, y }) =>
      matmul(x, y),
    ),
    matrices('transposed', [5, 4], [3, 5], (x, y) => matmul(transpose(x), transpose(y))),
    matrices('by rows of the right', [4, 5], [3, 5], (x, y) => dotGeneral(x, y, { contract: [[1], [1]] })),
    matrices('by columns of the left', [5, 4], [5, 3], (x, y) => dotGeneral(x, y, { contract: [[0], [0]] })),
    matrices('a batch', [2, 4, 5], [2, 5, 3]),
    matrices('a batch of two axes', [2, 3, 4, 5], [2, 3, 5, 2]),
    matrices('a tall one', [300, 7], [7, 2]),
    matrices('a long sum', [3, 1000], [1000, 2]),
    matrices('blocks and remainders', [33, 65], [65, 17]),
    matrices('one column', [4, 5], [5, 1]),
    matrices('one row', [1, 5], [5, 4]),
    matrices('repeated rows', [4, 5], [3], (x, y) => matmul(x, broadcastTo(y, [5, 3]))),
    product('of vectors', [6], [6], { contract: [[0], [0]] }, 6),
    product('of vectors, outer', [3], [4], { contract: [[], []] }, 1),
    product('of scalars', [], [], { contract: [[], []] }, 1),
    product('of a scalar and a matrix', [], [2, 3], { contract: [[], []] }, 1),
    product(
      'over two axes',
      [2, 3, 4, 5],
      [5, 2, 6, 4],
      {
        contract: [
          [3, 2],
          [0, 3],
        ],
        batch: [[0], [1]],
      },
      20,
    ),
    product('with the batch in the middle', [3, 2, 4], [4, 5, 2], { contract: [[2], [0]], batch: [[1], [2]] }, 4),
    product(
      'with two batch axes in other orders',
      [2, 3, 4],
      [3, 4, 2, 5],
      {
        contract: [[2], [1]],
        batch: [
          [0, 1],
          [2, 0],
        ],
      },
      4,
    ),
    product(
      'elementwise',
      [3, 4],
      [3, 4],
      {
        contract: [[], []],
        batch: [
          [0, 1],
          [0, 1],
        ],
      },
      1,
    ),
    product('two free axes on each side', [2, 3, 4], [4, 2, 3], { contract: [[2], [0]] }, 4),
    product('over an empty axis', [3, 0], [0, 2], { contract: [[1], [0]] }, 0),
    product('of no rows', [0, 3], [3, 2], { contract: [[1], [0]] }, 3),
    product('of an empty batch', [0, 2, 3], [0, 3, 2], { contract: [[2], [1]], batch: [[0], [0]] }, 3),
    example(
      'of NaN and infinities',
      exact,
      { x: given([nan, 1, inf, 0, inf, 1, -inf, inf], 'f32', [4, 2]), y: given([1, 0, 1, 2], 'f32', [2, 2]) },
      ({ x, y }) => matmul(x, y),
    ),
  ],
} as const;
