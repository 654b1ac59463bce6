import type { GemmaConfig, SiglipConfig } from '@torsor/models';
import { number, numbers, object, text } from '../json.js';

// The fields of a recorded config.json as configurations of ours.

export type Json = Readonly<Record<string, unknown>>;

/** The sizes of a Gemma expert. */
export const gemmaConfigOf = (value: unknown): GemmaConfig => {
  const c = object(value);
  return {
    width: number(c['width']),
    depth: number(c['depth']),
    mlpDim: number(c['mlp_dim']),
    numHeads: number(c['num_heads']),
    numKvHeads: number(c['num_kv_heads']),
    headDim: number(c['head_dim']),
  };
};

/** The sizes of the vision tower. */
export const siglipConfigOf = (value: unknown): SiglipConfig => {
  const c = object(value);
  return {
    width: number(c['width']),
    depth: number(c['depth']),
    mlpDim: number(c['mlp_dim']),
    numHeads: number(c['num_heads']),
    patchSize: number(c['patch']),
    posemb: text(c['posemb']) === 'sincos2d' ? 'sincos2d' : 'learn',
  };
};

/** The names of the cameras, in order. */
export const camerasOf = (config: Json): readonly string[] =>
  Array.isArray(config['cameras']) ? config['cameras'].map(text) : [];

/** Height and width of the images. */
export const imageSizeOf = (config: Json): readonly [height: number, width: number] => {
  const [height = 0, width = 0] = numbers(config['image_resolution']);
  return [height, width];
};

/** The attention scores of a pass over `tokens` per sample, and of the vision tower. */
export const scoresOf = (config: Json, tokens: number): number => {
  const [gemma, siglip] = [gemmaConfigOf(config['paligemma']), siglipConfigOf(config['siglip'])];
  const [height, width] = imageSizeOf(config);
  const patches = (height / siglip.patchSize) * (width / siglip.patchSize);
  const tower = camerasOf(config).length * siglip.depth * siglip.numHeads * patches ** 2;
  return number(config['batch']) * (gemma.depth * gemma.numHeads * tokens ** 2 + tower);
};
