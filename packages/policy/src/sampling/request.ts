import type { Key } from '@torsor/random';
import type { ChunkStart } from '../inputs/model-space.js';
import type { SeenInputs } from '../inputs/tensors.js';

/** What chunks are asked for: one for each sample of a batch, drawn by its own key. */
export type SampleRequest = {
  /** What the policy sees: of one that writes tokens, without the recorded ones. */
  readonly prompts: SeenInputs;
  /** What chunks begin at. */
  readonly start: ChunkStart;
  /** One for each sample. */
  readonly keys: readonly Key[];
  /** Which chunk of each sample it is; the first of a policy that writes tokens is greedy. */
  readonly draw: number;
};
