import * as z from 'zod';
import { overlay, type Values } from './layer.js';

/** A named configuration: what it changes against the defaults, and where its sizes come from. */
export type Preset = {
  readonly name: string;
  readonly description: string;
  readonly source: string | null;
  readonly values: Values;
};

/** Gemma sizes in the order openpi writes them: width, depth, mlpDim, numHeads, numKvHeads, headDim. */
export const gemma = (
  width: number,
  depth: number,
  mlpDim: number,
  numHeads: number,
  numKvHeads: number,
  headDim: number,
): Values => ({ width, depth, mlpDim, numHeads, numKvHeads, headDim });

/** Presets as data: each is what it changes against an earlier one, or against the defaults. */
const entries = z.array(
  z.strictObject({
    name: z.string(),
    description: z.string(),
    source: z.string().nullable().optional(),
    preset: z.string().optional(),
    values: z.record(z.string(), z.unknown()),
  }),
);

/**
 * The presets of a data file.
 *
 * @param sourceOf - where the sizes come from of one that does not say it.
 */
export const presetsOf = (file: unknown, sourceOf: (name: string) => string | null): readonly Preset[] => {
  const presets = new Map<string, Preset>();
  for (const { name, description, source = sourceOf(name), preset, values } of entries.parse(file)) {
    const below = presets.get(preset ?? '')?.values ?? {};
    presets.set(name, { name, description, source, values: overlay(below, values) });
  }
  return [...presets.values()];
};
