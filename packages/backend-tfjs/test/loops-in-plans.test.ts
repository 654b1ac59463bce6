import { evaluateGraph, type Graph, toFloat64 } from '@torsor/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../src/kernels.js';
import { planGraph } from '../src/lowering/table.js';
import { loadWasm } from '../src/native/wasm.js';
import { execute, prepare } from '../src/plan/execute.js';
import { WasmHeap, type WasmTensor } from '../src/wasm/heap.js';
import { wasmKernels } from '../src/wasm/kernels.js';
import { programOf, valuesFor } from './agreement.js';
import { cases } from './cases.js';

const scans = cases.filter(({ name }) => name.includes('scan'));
const never = { bytes: 0, nodes: 0 };

let heap: WasmHeap;
let kernels: Kernels<WasmTensor>;

beforeAll(async () => {
  const loaded = await loadWasm()();
  if (loaded._tag === 'Left') throw new Error('no wasm');
  heap = new WasmHeap(loaded.right.core, loaded.right.backend);
  kernels = wasmKernels(heap);
});

const inputsOf = (graph: Graph, values: ReturnType<typeof valuesFor>): readonly WasmTensor[] =>
  Object.keys(values)
    .sort()
    .map((key) => values[key])
    .flatMap((value, i) =>
      value === undefined || graph.inputs[i] === undefined ? [] : [kernels.upload('f32', value.type.shape, value.data)],
    );

describe.each(scans)('$name', (one) => {
  it('gives the same as a loop and written out', () => {
    const { graph } = programOf(one);
    const values = valuesFor(one);
    const inputs = inputsOf(graph, values);
    const references = Object.keys(values)
      .sort()
      .flatMap((key) => {
        const value = values[key];
        return value === undefined ? [] : [{ type: value.type, data: toFloat64(value) }];
      });
    const expected = evaluateGraph(graph, references);
    for (const plan of [planGraph(graph, never), planGraph(graph)]) {
      const outputs = execute(
        kernels,
        prepare(kernels, plan),
        inputs,
        inputs.map(() => false),
      );
      outputs.forEach((output, i) => {
        const got = heap.elements(output);
        expected[i]?.data.forEach((number, k) => {
          expect(got[k]).toBeCloseTo(number, 4);
        });
        kernels.free(output);
      });
    }
  });

  it('keeps loops as loops when they may not be written out', () => {
    const { graph } = programOf(one);
    expect(planGraph(graph, never).steps.some(({ _tag }) => _tag === 'Loop')).toBe(true);
    expect(planGraph(graph).steps.some(({ _tag }) => _tag === 'Loop')).toBe(false);
  });
});
