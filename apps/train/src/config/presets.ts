import { type Layer, nearest, type Origin, type SettingsError } from '@torsor/settings';
import * as E from 'fp-ts/lib/Either.js';
import { type Preset, presetsAtSizes, presetsOf } from './preset.js';
import openpi from './presets/openpi.json' with { type: 'json' };
import quickstart from './presets/quickstart.json' with { type: 'json' };
import sizes from './presets/sizes.json' with { type: 'json' };

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
