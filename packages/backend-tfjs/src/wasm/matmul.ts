import { exchangeAxes } from '../loops/exchange.js';
import { multiply, type Product } from '../loops/matmul.js';
import type { WasmHeap, WasmTensor } from './heap.js';

/**
 * `[b, m, k] · [b, k, n]`. A large single product goes to XNNPACK and its threads. tfjs's kernel for batches and transposed operands
 * does not use XNNPACK and is ten times slower: batches go to this package's own kernel, and transposed operands are moved first.
 *
 * @param heap - the memory.
 * @param x - left operand.
 * @param y - right operand.
 * @param transposeX - the left operand is `[b, k, m]`.
 * @param transposeY - the right operand is `[b, n, k]`.
 */
export const wasmMatmul = (
  heap: WasmHeap,
  x: WasmTensor,
  y: WasmTensor,
  transposeX: boolean,
  transposeY: boolean,
): WasmTensor => {
  const a = transposeX ? exchanged(heap, x) : x;
  const c = transposeY ? exchanged(heap, y) : y;
  const out = product(heap, a, c);
  if (a !== x) heap.free(a);
  if (c !== y) heap.free(c);
  return out;
};

/** The last two axes of three exchanged. */
const exchanged = (heap: WasmHeap, x: WasmTensor): WasmTensor => {
  const [b = 1, rows = 1, columns = 1] = x.shape;
  const out = heap.allocate(x.dtype, [b, columns, rows]);
  exchangeAxes(heap.elements(out), heap.elements(x), b, rows, columns);
  return out;
};

/** Products and sums above which XNNPACK's threads are worth waking. */
const worthThreads = 2 ** 26;

const product = (heap: WasmHeap, x: WasmTensor, y: WasmTensor): WasmTensor => {
  const [b = 1, m = 1, k = 1] = x.shape;
  const n = y.shape[2] ?? 1;
  const real = x.dtype === 'f32' && b * m * n * k > 0;
  if (real && b === 1 && m * n * k >= worthThreads) {
    return heap.run('BatchMatMul', { a: x, b: y }, { transposeA: false, transposeB: false }, 'f32');
  }
  return (real ? heap.multiply(x, y) : undefined) ?? byLoops(heap, x, y, { b, m, k, n });
};

const byLoops = (heap: WasmHeap, x: WasmTensor, y: WasmTensor, extents: Product): WasmTensor => {
  const out = heap.allocate(x.dtype, [extents.b, extents.m, extents.n]);
  const elements = heap.elements(out);
  elements.fill(0);
  multiply(elements, heap.elements(x), heap.elements(y), extents);
  return out;
};
