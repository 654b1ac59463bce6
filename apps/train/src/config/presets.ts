import { type Layer, nearest, type Origin, type SettingsError } from '@torsor/settings';
import * as E from 'fp-ts/lib/Either.js';
import { type Preset, presetsAtSizes, presetsOf } from './preset.js';
import openpi from './presets/openpi.json' with { type: 'json' };
import quickstart from './presets/quickstart.json' with { type: 'json' };
import sizes from './presets/sizes.json' with { type: 'json' };
import type { TrainConfig } from './schema.js';

/** Every preset, the default one first; openpi's have its models, optimizers and intervals, the data is the user's. */
export const presets: readonly Preset[] = [
  ...presetsOf(quickstart, () => null),
  ...presetsAtSizes(sizes),
  ...presetsOf(openpi, (name) => `openpi training/config.py _CONFIGS "${name}" (15a9616)`),
];

/** The preset that a run starts from when none is named: the embedded robot data, within five minutes on two cores. */
export const defaultPreset = 'pi0-g1-quickstart';

/** @errors `UnknownPreset`, with the nearest name and all of them. */
export const presetLayer = (name: string, origin: Origin): E.Either<SettingsError, Layer> => {
  const known = presets.map((preset) => preset.name);
  const found = presets.find((preset) => preset.name === name);
  return found === undefined
    ? E.left({ _tag: 'UnknownPreset', name, nearest: nearest(name, known), known, origin })
    : E.right({ origin: { _tag: 'Preset', name }, values: { name, ...found.values } });
};

/** What training lacks that the preset of a configuration expects, a sentence each. */
export const lacking = (
  name: string | null,
  { data, init, fromScratch }: Pick<TrainConfig, 'data' | 'init' | 'fromScratch'>,
): readonly string[] => {
  const expected = presets.find((preset) => preset.name === name)?.expected ?? null;
  if (expected === null) return [];
  const { dataset, weights } = expected;
  return [
    ...(data.dir === null ? [`data.dir: ${name} trains on ${dataset}: give its folder by --data`] : []),
    ...(init === null && !fromScratch
      ? [
          `init.from: ${name} begins from ${weights}: give it by --set init.from=… (torsor convert makes it of openpi's), or train random weights by --from-scratch`,
        ]
      : []),
  ];
};

const arms = Array.from({ length: 14 }, () => 'rad');
const hands = Array.from({ length: 12 }, () => 'fraction');

/** What the embedded sample needs, under whatever preset: its camera has no videos, and its hands open by fractions. */
export const sampleLayer: Layer = {
  origin: { _tag: 'Circumstance', what: 'the settings of the embedded sample' },
  values: {
    data: {
      withoutCameras: ['observation.images.cam_high'],
      deltaActionMask: [...arms, ...hands].map(() => true),
      units: [...arms, ...hands],
    },
  },
};
