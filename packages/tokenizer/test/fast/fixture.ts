import type { ActionChunk } from '../../src/index.js';
import stored from '../fixtures/fast/chunks.json' with { type: 'json' };
import processorConfig from '../fixtures/fast/processor_config.json' with { type: 'json' };
import published from '../fixtures/fast/published.json' with { type: 'json' };
import tokenizerJson from '../fixtures/fast/tokenizer.json' with { type: 'json' };

export const shape = [20, 6] as const;

export const chunks: readonly ActionChunk[] = stored.chunks.map((data) => ({ shape, data: Float64Array.from(data) }));

/** What the published processor's algorithm made of the chunks. */
export const { ids, decoded, scale, vocabSize } = published;

export const publishedFiles = {
  'processor_config.json': JSON.stringify(processorConfig),
  'tokenizer.json': JSON.stringify(tokenizerJson),
};
