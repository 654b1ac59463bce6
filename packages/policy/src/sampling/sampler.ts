import type { Buffer } from '@torsor/backend';
import type { TensorType } from '@torsor/tensor';
import type { ActionTokenizer, TextTokenizer } from '@torsor/tokenizer';
import type { Tree } from '@torsor/tree';
import type { Effect } from '../device/compile.js';
import type { Placement } from '../device/placement.js';
import type { ModelSpace } from '../inputs/model-space.js';
import type { Pictures } from '../inputs/pictures.js';
import type { DecodedChunk } from './decoded.js';
import type { SampleRequest } from './request.js';

/** What sampled numbers or tokens mean. */
export type Meaning = {
  readonly space: ModelSpace;
  /** Of a policy that writes tokens; `null` for others. */
  readonly tokenizers: { readonly text: TextTokenizer; readonly actions: ActionTokenizer } | null;
};

/** What a sampler is compiled for. */
export type SamplerOptions = {
  readonly placement: Placement;
  /** The types that parameters are kept in. */
  readonly params: Tree<TensorType>;
  readonly pictures: Pictures;
  readonly batchSize: number;
  /** Euler steps from noise to actions, of flow matching. */
  readonly numSamplingSteps: number;
  /** Whether more than one chunk is asked for an observation. */
  readonly severalDraws: boolean;
  readonly meaning: Meaning;
};

/** Sampled chunks. */
export type Chunks = {
  /** `f32[b, ah, n]` in the units of the robot. */
  readonly actions: Float32Array;
  /** What was decoded for each sample; `null` where nothing was. */
  readonly decoded: readonly DecodedChunk[] | null;
};

/** A chunk for each sample of a batch, in the units of the robot. */
export type Sampler = (params: Tree<Buffer>, request: SampleRequest) => Effect<Chunks>;
