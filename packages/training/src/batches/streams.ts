import type { FlowDraw } from '@torsor/policy';
import { beta, foldIn, type Key, key, normal } from '@torsor/random';

/** Independent streams of one seed; a number stands for its stream for ever, or old runs would resume with other draws. */
const stream = { init: 0, shuffle: 1, train: 2, evaluate: 3, sample: 4, split: 5 } as const;

const streamKey = (seed: number, name: keyof typeof stream): Key => foldIn(key(seed), stream[name]);

/** The key that parameters are initialised from. */
export const initKey = (seed: number): Key => streamKey(seed, 'init');

/** The seed of the order of epochs: as the other streams, so that no shuffle shares its bits with a step's noise. */
export const shuffleSeed = (seed: number): number => streamKey(seed, 'shuffle')[1];

/** The seed of the choice of held-out episodes. */
export const splitSeed = (seed: number): number => streamKey(seed, 'split')[1];

/** The key of one update's noise and times; `step` counts the updates before it. */
export const trainKey = (seed: number, step: number): Key => foldIn(streamKey(seed, 'train'), step);

/** The key of one held-out sample's noise and time, whatever the step and the batch it is evaluated in. */
export const evaluateKey = (seed: number, sample: number): Key => foldIn(streamKey(seed, 'evaluate'), sample);

/** The key of the noise from which chunk `draw` of one held-out sample is generated. */
export const sampleKey = (seed: number, sample: number, draw: number): Key =>
  foldIn(foldIn(streamKey(seed, 'sample'), sample), draw);

/**
 * Draws noise and times for `b` samples: t = 0.999 · Beta(1.5, 1) + 0.001.
 *
 * @param chunk - numbers `ah · ad` in one chunk of actions.
 * @source openpi `models/pi0.py` `Pi0.compute_loss` (15a9616)
 */
export const drawFlow = (drawKey: Key, b: number, chunk: number): FlowDraw => {
  const noise = normal(foldIn(drawKey, 0), b * chunk);
  const time = beta(foldIn(drawKey, 1), b, 1.5, 1).map((t) => t * 0.999 + 0.001);
  return { noise, time };
};

/**
 * Draws for each sample from its own key, so that neither the batch nor its order changes a sample's draw.
 *
 * @law the draw of a list of keys is the draws of its parts, one after the other.
 */
export const drawFlowEach = (keys: readonly Key[], chunk: number): FlowDraw => {
  const noise = new Float32Array(keys.length * chunk);
  const time = new Float32Array(keys.length);
  for (const [i, drawKey] of keys.entries()) {
    const draw = drawFlow(drawKey, 1, chunk);
    noise.set(draw.noise, i * chunk);
    time.set(draw.time, i);
  }
  return { noise, time };
};
