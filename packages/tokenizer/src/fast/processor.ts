import type { BytePairs } from './byte-pairs.js';

/** A fitted FAST tokenizer as data: what `saveFast` writes and `readFast` reads. */
export type FastProcessor = {
  /** What coefficients are multiplied with before they are rounded. */
  readonly scale: number;
  /** The size asked for; the vocabulary may have fewer ids, never more. */
  readonly vocabSize: number;
  /** The coefficient of character 0: the lowest that has a character. */
  readonly minToken: number;
  /** `ah` of the chunks that it was fitted on, null where they differ. */
  readonly timeHorizon: number | null;
  /** `ad` of the chunks that it was fitted on, null where they differ. */
  readonly actionDim: number | null;
  readonly bytePairs: BytePairs;
};
