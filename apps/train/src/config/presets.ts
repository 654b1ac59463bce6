import * as E from 'fp-ts/lib/Either.js';
import type { ConfigError } from './error.js';
import type { Layer } from './layer.js';
import { nearest } from './nearest.js';
import type { Origin } from './origin.js';
import type { Preset } from './preset.js';
import { openpiPresets } from './presets/openpi.js';
import { quickstart } from './presets/quickstart.js';
import { sizePresets } from './presets/sizes.js';

/** Every preset, the default one first. */
export const presets: readonly [Preset, ...Preset[]] = [quickstart, ...sizePresets, ...openpiPresets];

/** The preset that a run starts from when none is named. */
export const defaultPreset: string = presets[0].name;

/** @errors `UnknownPreset`, with the nearest name and all of them. */
export const presetLayer = (name: string, origin: Origin): E.Either<ConfigError, Layer> => {
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
  origin: { _tag: 'Sample' },
  values: {
    data: {
      withoutCameras: ['observation.images.cam_high'],
      deltaActionMask: [...arms, ...hands].map(() => true),
      units: [...arms, ...hands],
    },
  },
};
