import { type ModelError, modelError } from '../error.js';
import { refuseLora } from '../lora/check.js';
import type { GemmaConfig } from './config.js';

/** Why a size is not one, if it is not: a positive integer. */
export const refuseCount = (field: string, value: number): readonly ModelError[] =>
  Number.isInteger(value) && value > 0 ? [] : [modelError(field, `must be a positive integer, got ${value}`)];

const counts = ['width', 'depth', 'mlpDim', 'numHeads', 'numKvHeads', 'headDim'] as const;

/** What is wrong with the sizes of an expert. */
export const refuseGemma = (field: string, config: GemmaConfig): readonly ModelError[] => {
  const { numHeads, numKvHeads, headDim, lora } = config;
  const wrong = counts.flatMap((name) => refuseCount(`${field}.${name}`, config[name]));
  if (wrong.length > 0) return wrong;
  return [
    ...(lora === undefined ? [] : refuseLora(`${field}.lora`, lora, config)),
    ...(numHeads % numKvHeads === 0
      ? []
      : [modelError(`${field}.numKvHeads`, `must divide numHeads ${numHeads}, got ${numKvHeads}`)]),
    ...(headDim % 2 === 0 ? [] : [modelError(`${field}.headDim`, `must be even, got ${headDim}`)]),
  ];
};

const shared = ['depth', 'numHeads', 'numKvHeads', 'headDim'] as const;

/** Where an expert disagrees with the one it shares attention with. */
export const refuseUnequal = (
  field: string,
  config: GemmaConfig,
  otherField: string,
  other: GemmaConfig,
): readonly ModelError[] =>
  shared.flatMap((name) =>
    config[name] === other[name]
      ? []
      : [modelError(`${field}.${name}`, `must equal ${otherField}.${name}, ${other[name]}, got ${config[name]}`)],
  );
