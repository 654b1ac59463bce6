import { type ModelError, modelError } from '../error.js';
import type { GemmaLora, LoraConfig } from './config.js';

type Widths = {
  readonly width: number;
  readonly mlpDim: number;
  readonly headDim: number;
};

const refuseAdapter = (field: string, { rank, alpha }: LoraConfig, limit: number): readonly ModelError[] => [
  ...(Number.isInteger(rank) && rank > 0
    ? []
    : [modelError(`${field}.rank`, `must be a positive integer, got ${rank}; leave the adapter out to have none`)]),
  ...(rank > limit
    ? [modelError(`${field}.rank`, `must be at most ${limit}, the smaller side of the weight, got ${rank}`)]
    : []),
  ...(Number.isFinite(alpha) && alpha > 0
    ? []
    : [modelError(`${field}.alpha`, `must be a positive number, got ${alpha}`)]),
];

const forms: ReadonlySet<string> = new Set(['textbook', 'openpi']);

/** What is wrong with the adapters of an expert of some sizes. */
export const refuseLora = (field: string, { attn, ffn, form }: GemmaLora, sizes: Widths): readonly ModelError[] => [
  ...(attn === undefined && ffn === undefined
    ? [modelError(field, "must adapt something: give 'attn' or 'ffn', or leave it out")]
    : []),
  ...(attn === undefined ? [] : refuseAdapter(`${field}.attn`, attn, Math.min(sizes.width, sizes.headDim))),
  ...(ffn === undefined ? [] : refuseAdapter(`${field}.ffn`, ffn, Math.min(sizes.width, sizes.mlpDim))),
  ...(forms.has(form) ? [] : [modelError(`${field}.form`, `must be 'textbook' or 'openpi', got '${form}'`)]),
];
