import { nearestKey } from '@torsor/tree';

/** Words that mean the same place of a camera, openpi's first. */
const places: readonly (readonly string[])[] = [
  ['base', 'top', 'high', 'front', 'exterior', 'head', 'main', 'third', 'overhead'],
  ['left'],
  ['right'],
  ['wrist', 'hand', 'gripper'],
];

const prefix = /^observation\.(images?\.)?/;

const placesIn = (name: string): readonly boolean[] => {
  const place = name.replace(prefix, '').toLowerCase();
  // The only camera of a dataset, or the first of LIBERO's.
  const words = place === 'image' ? ['base'] : place.split(/[._\-/]|\d/);
  return places.map((names) => names.some((word) => words.includes(word)));
};

/** Above 0 where two names share more places than one of them alone has. */
const likeness = (camera: string, feature: string): number => {
  const [a, b] = [placesIn(camera), placesIn(feature)];
  return a.reduce((sum, inA, i) => sum + (inA && b[i] ? 1 : inA || b[i] ? -0.75 : 0), 0);
};

const nearestFeature = (camera: string, features: readonly string[]): string | null => {
  const [best] = features
    .map((feature) => ({ feature, likeness: likeness(camera, feature) }))
    .filter((found) => found.likeness > 0)
    .toSorted((a, b) => b.likeness - a.likeness);
  return best?.feature ?? nearestKey(camera, features) ?? null;
};

/** What a camera of a model is most likely meant to see; `null` where nothing is like it. */
export type CameraGuess = { readonly camera: string; readonly nearest: string | null };

/**
 * For each camera of a model the camera of a dataset whose name says the same place, or is spelled nearly the same.
 *
 * @law no camera of the dataset is meant twice.
 */
export const guessCameras = (cameras: readonly string[], features: readonly string[]): readonly CameraGuess[] => {
  const taken = new Set<string>();
  return cameras.map((camera) => {
    const found = nearestFeature(
      camera,
      features.filter((feature) => !taken.has(feature)),
    );
    if (found !== null) taken.add(found);
    return { camera, nearest: found };
  });
};
