import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Seen from a source file (src/fs) and from the bundle (dist). */
const places = ['../../sample/g1-bottle', '../sample/g1-bottle'];

/**
 * The directory of the embedded sample: 40 episodes of a Unitree G1 with Inspire hands picking up a bottle, 30 frames per
 * second, 26 dimensions of state and action, without its videos. Joint angles of the arms are radians; hand dimensions
 * are closed-to-open fractions from 0 to 1. Its licence (MIT) lies beside it.
 *
 * @source github.com/YifanTian07/G1-policy-train
 */
export const sampleDatasetPath = (): string => {
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? '';
};
