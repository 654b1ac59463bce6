import { multiply } from '../loops/matmul.js';
import type { WasmHeap, WasmTensor } from './heap.js';

/**
 * `[b, m, k] · [b, k, n]`. A single product goes to XNNPACK; tfjs's kernel for batches and transposed operands does not use it and
 * is ten times slower, so transposed operands are moved first.
 *
 * @param heap - the memory.
 * @param x - left operand.
 * @param y - right operand.
 * @param transposeX - the left operand is `[b, k, m]`.
 * @param transposeY - the right operand is `[b, n, k]`.
 */
export function wasmMatmul(heap: WasmHeap, x: WasmTensor, y: WasmTensor, transposeX: boolean, transposeY: boolean): WasmTensor {
  const a = transposeX ? heap.run('Transpose', { x }, { perm: [0, 2, 1] }, x.dtype) : x;
  const c = transposeY ? heap.run('Transpose', { x: y }, { perm: [0, 2, 1] }, y.dtype) : y;
  const out = product(heap, a, c);
  if (a !== x) heap.free(a);
  if (c !== y) heap.free(c);
  return out;
}

function product(heap: WasmHeap, x: WasmTensor, y: WasmTensor): WasmTensor {
  const [b = 1, m = 1, k = 1] = x.shape;
  const n = y.shape[2] ?? 1;
  if (b === 1 && x.dtype === 'f32' && m * n * k > 0) return heap.run('BatchMatMul', { a: x, b: y }, { transposeA: false, transposeB: false }, 'f32');
  const out = heap.allocate(x.dtype, [b, m, n]);
  const elements = heap.elements(out);
  elements.fill(0);
  multiply(elements, heap.elements(x), heap.elements(y), { b, m, k, n });
  return out;
}
