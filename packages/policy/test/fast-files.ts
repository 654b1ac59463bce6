import { fitFast, saveFast } from '@torsor/tokenizer';
import { right } from './right.js';

/** A FAST tokenizer fitted on chunks of two actions of two dimensions, some of whose tokens are merged ones. */
export const processor = right(
  fitFast(
    Array.from({ length: 8 }, (_, i) => ({
      shape: [2, 2] as const,
      data: Float64Array.of(i / 8, 0.5, i / 8, -0.5),
    })),
    { scale: 4, vocabSize: 40 },
  ),
);

const { 'processor_config.json': config, 'tokenizer.json': tokenizer } = saveFast(processor);

/** Its files. */
export const fastFiles = { 'processor_config.json': config, 'tokenizer.json': tokenizer } as const;
