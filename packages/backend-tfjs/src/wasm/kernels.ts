import { hostArray, type Shape, sizeOf, stridesOf } from '@torsor/tensor';
import type { BinaryName, DeviceDType, Kernels, UnaryName } from '../kernels.js';
import { type Rows, repeatingStrides, rowsOf } from '../loops/elements.js';
import { exchangeAxes, exchangedMatrix } from '../loops/exchange.js';
import { binaryFunction, comparisons, conversion, unaryFunction } from '../loops/functions.js';
import { gatherExtents, gatherRows, scatterAddRows } from '../loops/indexing.js';
import { choose, copyRows, mapOne, mapTwo, placeRows } from '../loops/map.js';
import { argmaxMiddle, cumsumMiddle, reduceMiddle } from '../loops/reduce.js';
import { tanhInto } from '../loops/tanh.js';
import { unionHeld } from '../plan/value.js';
import type { WasmHeap, WasmTensor } from './heap.js';
import { wasmMatmul } from './matmul.js';
import { mergedReduction } from './merge.js';
import type { EvenRows } from './simd.js';

/** tfjs's kernels that are faster than a loop here; they work on f32. */
const vectorised: Partial<Readonly<Record<UnaryName | BinaryName, string>>> = {
  abs: 'Abs',
  add: 'Add',
  ceil: 'Ceil',
  div: 'RealDiv',
  exp: 'Exp',
  floor: 'Floor',
  log: 'Log',
  logistic: 'Sigmoid',
  mul: 'Multiply',
  neg: 'Neg',
  rsqrt: 'Rsqrt',
  sqrt: 'Sqrt',
  sub: 'Sub',
};

const rowsOver = (shape: Shape, operands: readonly WasmTensor[]): Rows => {
  return rowsOf(
    shape,
    operands.map((operand) => repeatingStrides(operand.shape)),
  );
};

const elementwise = (
  heap: WasmHeap,
): Pick<Kernels<WasmTensor>, 'unary' | 'binary' | 'compare' | 'select' | 'convert'> => {
  const two = (x: WasmTensor, y: WasmTensor, dtype: DeviceDType, f: (a: number, b: number) => number): WasmTensor => {
    const shape = unionHeld([x.shape, y.shape]);
    const out = heap.allocate(dtype, shape);
    mapTwo(heap.elements(out), heap.elements(x), heap.elements(y), rowsOver(shape, [x, y]), f);
    return out;
  };
  const one = (x: WasmTensor, dtype: DeviceDType, f: (a: number) => number): WasmTensor => {
    const out = heap.allocate(dtype, x.shape);
    mapOne(heap.elements(out), heap.elements(x), f);
    return out;
  };
  return {
    unary: (name, x) => {
      const kernel = x.dtype === 'f32' ? vectorised[name] : undefined;
      if (kernel !== undefined) return heap.run(kernel, { x }, {}, 'f32');
      if (name === 'tanh') return tanh(heap, x);
      return one(x, name === 'is_finite' ? 'bool' : x.dtype, unaryFunction(name, x.dtype));
    },
    binary: (name, x, y) => {
      const kernel = x.dtype === 'f32' ? vectorised[name] : undefined;
      if (kernel !== undefined) return own(heap, name, x, y) ?? heap.run(kernel, { a: x, b: y }, {}, 'f32');
      return two(x, y, x.dtype, binaryFunction(name, x.dtype));
    },
    compare: (direction, x, y) => two(x, y, 'bool', comparisons[direction]),
    select: (p, x, y) => {
      const shape = unionHeld([p.shape, x.shape, y.shape]);
      const out = heap.allocate(x.dtype, shape);
      choose(heap.elements(out), heap.elements(p), heap.elements(x), heap.elements(y), rowsOver(shape, [p, x, y]));
      return out;
    },
    convert: (x, dtype) => one(x, dtype, conversion(dtype)),
  };
};

const operations: Partial<Readonly<Record<BinaryName, number>>> = { add: 0, sub: 1, mul: 2, div: 3 };

/** By this package's own kernel, where both operands are walked in even rows. */
const own = (heap: WasmHeap, name: BinaryName, x: WasmTensor, y: WasmTensor): WasmTensor | undefined => {
  const operation = operations[name];
  const shape = unionHeld([x.shape, y.shape]);
  const rows = evenRows(rowsOver(shape, [x, y]));
  return operation === undefined || rows === undefined ? undefined : heap.arithmetic(operation, x, y, shape, rows);
};

const evenRows = ({ count, length, starts, steps }: Rows): EvenRows | undefined => {
  const [x, y] = starts;
  const [stepX = 0, stepY = 0] = steps;
  const [outerX, outerY] = [x?.[1] ?? 0, y?.[1] ?? 0];
  if (x === undefined || y === undefined || stepX > 1 || stepY > 1) return undefined;
  for (let row = 0; row < count; row++) if (x[row] !== row * outerX || y[row] !== row * outerY) return undefined;
  return { count, length, outer: [outerX, outerY], steps: [stepX, stepY] };
};

const tanh = (heap: WasmHeap, x: WasmTensor): WasmTensor => {
  const out = heap.allocate('f32', x.shape);
  tanhInto(heap.elements(out), heap.elements(x));
  return out;
};

const reductions = (heap: WasmHeap): Pick<Kernels<WasmTensor>, 'reduce' | 'argmax' | 'cumsum'> => {
  return {
    reduce: (name, x, axes) => {
      const shape = x.shape.filter((_, axis) => !axes.includes(axis));
      const merged = mergedReduction(x.shape, axes);
      const source = merged.permutation === undefined ? x : transpose(heap, x, merged.permutation);
      const out = heap.allocate(x.dtype, shape);
      reduceMiddle(heap.elements(out), heap.elements(source), merged, name);
      if (source !== x) heap.free(source);
      return out;
    },
    argmax: (x, axis) => {
      const out = heap.allocate(
        'i32',
        x.shape.filter((_, other) => other !== axis),
      );
      argmaxMiddle(heap.elements(out), heap.elements(x), mergedReduction(x.shape, [axis]));
      return out;
    },
    cumsum: (x, axis, reverse) => {
      const out = heap.allocate(x.dtype, x.shape);
      cumsumMiddle(heap.elements(out), heap.elements(x), mergedReduction(x.shape, [axis]), reverse);
      return out;
    },
  };
};

/** Elements of `x` in row-major order of `shape`, walked with strides of its memory. */
const copied = (heap: WasmHeap, x: WasmTensor, shape: Shape, strides: readonly number[], offset = 0): WasmTensor => {
  const out = heap.allocate(x.dtype, shape);
  copyRows(heap.elements(out), heap.elements(x), rowsOf(shape, [strides], [offset]));
  return out;
};

const transpose = (heap: WasmHeap, x: WasmTensor, permutation: readonly number[]): WasmTensor => {
  const matrix = exchangedMatrix(x.shape, permutation);
  if (matrix !== undefined) {
    const out = heap.allocate(
      x.dtype,
      permutation.map((axis) => x.shape[axis] ?? 1),
    );
    exchangeAxes(heap.elements(out), heap.elements(x), matrix.count, matrix.rows, matrix.columns);
    return out;
  }
  const strides = stridesOf(x.shape);
  const shape = permutation.map((axis) => x.shape[axis] ?? 1);
  return copied(
    heap,
    x,
    shape,
    permutation.map((axis) => strides[axis] ?? 0),
  );
};

const offsetAt = (start: readonly number[], strides: readonly number[]): number =>
  start.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);

const clampedStarts = (
  heap: WasmHeap,
  starts: readonly WasmTensor[],
  shape: Shape,
  sizes: Shape,
): readonly number[] => {
  return starts.map((start, axis) => {
    const last = (shape[axis] ?? 1) - (sizes[axis] ?? 1);
    return Math.min(Math.max(heap.elements(start)[0] ?? 0, 0), last);
  });
};

const movement = (
  heap: WasmHeap,
): Pick<
  Kernels<WasmTensor>,
  'broadcast' | 'transpose' | 'slice' | 'pad' | 'concatenate' | 'dynamicSlice' | 'dynamicUpdateSlice' | 'element'
> => {
  return {
    broadcast: (x, shape) => copied(heap, x, shape, repeatingStrides(x.shape)),
    transpose: (x, permutation) => transpose(heap, x, permutation),
    slice: (x, { start, limit, strides }) => {
      const own = stridesOf(x.shape);
      const shape = start.map((from, axis) => Math.ceil(((limit[axis] ?? 0) - from) / (strides[axis] ?? 1)));
      const steps = own.map((stride, axis) => stride * (strides[axis] ?? 1));
      return copied(heap, x, shape, steps, offsetAt(start, own));
    },
    pad: (x, { low, high, interior, value }) => {
      const shape = x.shape.map((extent, axis) => {
        const between = Math.max(extent - 1, 0) * (interior[axis] ?? 0);
        return (low[axis] ?? 0) + extent + between + (high[axis] ?? 0);
      });
      const strides = stridesOf(shape);
      const out = heap.allocate(x.dtype, shape);
      const steps = strides.map((stride, axis) => stride * ((interior[axis] ?? 0) + 1));
      heap.elements(out).fill(value);
      placeRows(heap.elements(out), heap.elements(x), rowsOf(x.shape, [steps], [offsetAt(low, strides)]));
      return out;
    },
    concatenate: (operands, axis) => {
      const [first] = operands;
      const extent = operands.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
      const shape = (first?.shape ?? []).map((n, other) => (other === axis ? extent : n));
      const out = heap.allocate(first?.dtype ?? 'f32', shape);
      const strides = stridesOf(shape);
      let at = 0;
      for (const operand of operands) {
        const rows = rowsOf(operand.shape, [strides], [at * (strides[axis] ?? 1)]);
        placeRows(heap.elements(out), heap.elements(operand), rows);
        at += operand.shape[axis] ?? 0;
      }
      return out;
    },
    dynamicSlice: (x, starts, sizes) => {
      const strides = stridesOf(x.shape);
      return copied(heap, x, sizes, strides, offsetAt(clampedStarts(heap, starts, x.shape, sizes), strides));
    },
    dynamicUpdateSlice: (x, update, starts) => {
      const strides = stridesOf(x.shape);
      const out = heap.allocate(x.dtype, x.shape);
      const first = offsetAt(clampedStarts(heap, starts, x.shape, update.shape), strides);
      heap.elements(out).set(heap.elements(x));
      placeRows(heap.elements(out), heap.elements(update), rowsOf(update.shape, [strides], [first]));
      return out;
    },
    element: (x, position) => {
      const shape = x.shape.slice(1);
      const size = sizeOf(shape);
      const out = heap.allocate(x.dtype, shape);
      heap.elements(out).set(heap.elements(x).subarray(position * size, (position + 1) * size));
      return out;
    },
  };
};

const indexing = (heap: WasmHeap): Pick<Kernels<WasmTensor>, 'gather' | 'scatterAdd'> => {
  return {
    gather: (x, indices, at) => {
      const shape = [...x.shape.slice(0, at.axis), ...indices.shape.slice(at.batchDims), ...x.shape.slice(at.axis + 1)];
      const out = heap.allocate(x.dtype, shape);
      const extents = gatherExtents(x.shape, indices.shape, at);
      gatherRows(heap.elements(out), heap.elements(x), heap.elements(indices), extents);
      return out;
    },
    scatterAdd: (x, indices, updates, at) => {
      const out = heap.allocate(x.dtype, x.shape);
      const extents = gatherExtents(x.shape, indices.shape, at);
      heap.elements(out).set(heap.elements(x));
      scatterAddRows(heap.elements(out), heap.elements(updates), heap.elements(indices), extents);
      return out;
    },
  };
};

/**
 * The kernels of the wasm backend: XNNPACK's where they are fast, loops over the same memory elsewhere.
 *
 * @param heap - the backend's memory.
 */
export const wasmKernels = (heap: WasmHeap): Kernels<WasmTensor> => {
  return {
    upload: (dtype, shape, data) => heap.upload(dtype, shape, data),
    download: (x) => {
      const copy = hostArray(x.dtype, sizeOf(x.shape));
      copy.set(heap.elements(x));
      return copy;
    },
    free: (x) => heap.free(x),
    alias: (x, shape) => heap.alias(x, shape),
    ...elementwise(heap),
    ...reductions(heap),
    ...movement(heap),
    ...indexing(heap),
    matmul: (x, y, transposeX, transposeY) => wasmMatmul(heap, x, y, transposeX, transposeY),
    stack: (elements) => {
      const [first] = elements;
      const shape = first?.shape ?? [];
      const out = heap.allocate(first?.dtype ?? 'f32', [elements.length, ...shape]);
      const target = heap.elements(out);
      elements.forEach((element, i) => {
        target.set(heap.elements(element), i * sizeOf(shape));
      });
      return out;
    },
    stacker: (dtype, shape) => {
      const out = heap.allocate(dtype, shape);
      const size = sizeOf(shape.slice(1));
      return {
        put: (position, element) => {
          heap.elements(out).set(heap.elements(element), position * size);
          heap.free(element);
        },
        done: () => out,
      };
    },
  };
};
