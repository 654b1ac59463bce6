import { families } from '@torsor/policy';
import { overlay, type Values } from '@torsor/settings';
import * as z from 'zod';

/** What a preset of a robot expects of whoever trains by it. */
const expected = z.strictObject({
  /** The robot's dataset, and its layout in LeRobot's format. */
  dataset: z.string(),
  /** The weights of openpi that training begins from. */
  weights: z.string(),
});

/** A named configuration: what it changes against the defaults, and where its sizes come from. */
export type Preset = {
  readonly name: string;
  readonly description: string;
  readonly source: string | null;
  readonly values: Values;
  /** `null` for one that is of no robot. */
  readonly expected: z.output<typeof expected> | null;
};

const values = z.record(z.string(), z.unknown());

/** Presets as data: each is what it changes against an earlier one, or against the defaults. */
const entries = z.array(
  z.strictObject({
    name: z.string(),
    description: z.string(),
    source: z.string().nullable().optional(),
    preset: z.string().optional(),
    expected: expected.optional(),
    values,
  }),
);

/**
 * The presets of a data file.
 *
 * @param sourceOf - where the sizes come from of one that does not say it.
 */
export const presetsOf = (file: unknown, sourceOf: (name: string) => string | null): readonly Preset[] => {
  const presets = new Map<string, Preset>();
  for (const { name, description, source = sourceOf(name), preset, values: changed, ...own } of entries.parse(file)) {
    const below = presets.get(preset ?? '');
    const wanted = own.expected ?? below?.expected ?? null;
    presets.set(name, { name, description, source, values: overlay(below?.values ?? {}, changed), expected: wanted });
  }
  return [...presets.values()];
};

const sizes = z.array(
  z.strictObject({
    name: z.string(),
    description: z.string(),
    source: z.string().nullable(),
    paligemma: values,
    actionExpert: values,
    actionHorizon: z.number(),
    sequence: z.strictObject({ maxTokenLen: z.number(), maxDecodingSteps: z.number(), fast: values.optional() }),
    training: values,
  }),
);

/** Every family at the sizes of a data file; without cameras, as the embedded recordings have none. */
export const presetsAtSizes = (file: unknown): readonly Preset[] =>
  Object.values(families).flatMap(({ kind, title, ofSize }) =>
    sizes.parse(file).map(({ name, description, source, paligemma, actionHorizon, training, ...size }) => ({
      name: `${kind}-${name}`,
      description: `${title}, ${description}`,
      source,
      values: { model: { kind, actionDim: 32, paligemma, actionHorizon, ...ofSize(size) }, ...training },
      expected: null,
    })),
  );
