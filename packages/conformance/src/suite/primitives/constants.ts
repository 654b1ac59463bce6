import { add, constant, dtypes, iota, literal } from '@torsor/tensor';
import { type Case, example } from '../case.js';
import { given } from '../source.js';
import { exact } from '../tolerance.js';
import { forEach } from './dtypes.js';

const numberDTypes = dtypes.filter((dtype) => dtype !== 'bool');

/** A program has at least one input here, as programs of users do. */
const alone = (name: string, build: () => Record<string, ReturnType<typeof constant>>): Case =>
  example(name, exact, { unused: given([0]) }, build);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Tensors that a program brings along. */
export const constantCases = {
  constant: [
    ...forEach(dtypes, (dtype) =>
      alone(`of every form, ${dtype}`, () => ({
        scalar: constant(1, dtype),
        filled: constant(1, dtype, [2, 3]),
        empty: constant(1, dtype, [0, 2]),
        literal: literal([0, 1, 1, 0], dtype, [2, 2]),
        one: literal([1], dtype),
      })),
    ),
    alone('NaN, infinities and zeros', () => ({
      nan: constant(nan, 'f32', [2]),
      infinite: constant(-inf, 'f32', [2]),
      minusZero: constant(-0, 'f32', [2]),
      mixed: literal([nan, inf, -inf, 0, -0, 1e-40], 'f32'),
      rounded: literal([0.1, 1 / 3, 16777217, 1e39], 'f32'),
    })),
    alone('the ends of i32', () => ({
      ends: literal([2 ** 31 - 1, -(2 ** 31)], 'i32'),
      end: constant(-(2 ** 31), 'i32'),
    })),
    alone('the ends of u32', () => ({ ends: literal([2 ** 32 - 1, 0], 'u32') })),
    example('the same one twice', exact, { x: given([1, 2]) }, ({ x }) => ({
      sum: add(x, constant(3, 'f32', [2])),
      first: constant(3, 'f32', [2]),
      second: constant(3, 'f32', [2]),
    })),
  ],
  iota: [
    ...forEach(numberDTypes, (dtype) =>
      alone(`along any axis, ${dtype}`, () => ({
        first: iota(dtype, [3, 2, 4], 0),
        middle: iota(dtype, [3, 2, 4], 1),
        last: iota(dtype, [3, 2, 4], 2),
        empty: iota(dtype, [0, 2], 1),
        one: iota(dtype, [1], 0),
      })),
    ),
    alone('long', () => ({ i: iota('i32', [70000]), f: iota('f32', [70000]) })),
  ],
} as const;
