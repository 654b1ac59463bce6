import type { GemmaLora } from '../lora/config.js';

/** The sizes of a Gemma expert. Experts that share attention agree in everything but `width`, `mlpDim` and `lora`. */
export type GemmaConfig = {
  /** d, the width of a token. */
  readonly width: number;
  /** The number of layers. */
  readonly depth: number;
  /** The inner width of the feed-forward layer. */
  readonly mlpDim: number;
  /** h, the number of query heads. */
  readonly numHeads: number;
  /** k, the number of key-value heads; divides `numHeads`. */
  readonly numKvHeads: number;
  /** e, the width of a head; even. */
  readonly headDim: number;
  /** Its adapters; none when absent. */
  readonly lora?: GemmaLora;
};

/** An expert: its sizes, and whether its normalizations are modulated by a condition (π0.5's action expert). */
export type GemmaExpert = {
  readonly config: GemmaConfig;
  readonly adaptive: boolean;
};

/** The experts of a model; the first owns the embedding table. */
export type GemmaExperts = readonly [GemmaExpert, ...GemmaExpert[]];

/** The names of the sizes that openpi gives. */
export type GemmaVariant = 'dummy' | 'gemma_300m' | 'gemma_300m_lora' | 'gemma_2b' | 'gemma_2b_lora';

const gemma300m: GemmaConfig = { width: 1024, depth: 18, mlpDim: 4096, numHeads: 8, numKvHeads: 1, headDim: 256 };
const gemma2b: GemmaConfig = { width: 2048, depth: 18, mlpDim: 16_384, numHeads: 8, numKvHeads: 1, headDim: 256 };

/** The same adapter for attention and feed-forward, of scale 1, in the form of new runs. */
const adaptersOf = (rank: number): GemmaLora => {
  const adapter = { rank, alpha: rank, rslora: false };
  return { attn: adapter, ffn: adapter, form: 'textbook' };
};

/**
 * Sizes by name. Adapters have the textbook form; for a checkpoint of openpi's give them the form `openpi`.
 *
 * @source openpi `models/gemma.py` `get_config` (15a9616)
 */
export const gemmaVariants: Readonly<Record<GemmaVariant, GemmaConfig>> = {
  dummy: { width: 64, depth: 4, mlpDim: 128, numHeads: 8, numKvHeads: 1, headDim: 16 },
  gemma_300m: gemma300m,
  gemma_300m_lora: { ...gemma300m, lora: adaptersOf(32) },
  gemma_2b: gemma2b,
  gemma_2b_lora: { ...gemma2b, lora: adaptersOf(16) },
};

/** The rows of PaliGemma's embedding table. @source openpi `models/gemma.py` `PALIGEMMA_VOCAB_SIZE` (15a9616) */
export const paligemmaVocabSize = 257_152;

/** The suffix of an expert's parameter names: none for the first, so that PaliGemma's own checkpoints fit. */
export const expertSuffix = (index: number): string => (index === 0 ? '' : `_${index}`);
