import type { CheckpointContents, ManifestFields, Safetensors } from '../src/index.js';
import { fromTypedArray, heldTensors } from '../src/index.js';

/** Parameters of a small model whose values tell the step. */
export const params = (step: number): Safetensors => ({
  tensors: new Map([
    ['head/kernel', fromTypedArray('F32', [2, 2], Float32Array.of(step, 1, 2, 3))],
    ['head/bias', fromTypedArray('F32', [2], Float32Array.of(4, 5))],
  ]),
  metadata: {},
});

/** Manifest fields of a run at one step. */
export const fields = (step: number): ManifestFields => ({
  createdBy: 'torsor 0.1.0',
  step,
  config: { model: { width: 64 }, rate: 0.1 },
  normalisation: { mode: 'mean_std', statistics: { state: { mean: [0.5, -1], std: [1, 2] } } },
  dataset: { id: 'robot/sample', splitHash: 'abc' },
  position: { epoch: 0, offset: step * 8 },
  key: [0, 42],
});

/** A checkpoint with two tensor files and one of plain bytes. */
export const contents = (step: number): CheckpointContents => ({
  manifest: fields(step),
  files: {
    'params.safetensors': heldTensors(params(step)),
    'ema.safetensors': heldTensors(params(step + 1)),
    'notes.txt': Uint8Array.of(104, 105),
  },
});
