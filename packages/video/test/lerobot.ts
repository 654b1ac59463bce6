import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Dataset, readDataset, showDataError } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';

type Seen = {
  /** One-based. */
  readonly camera: number;
  readonly frame_code: number;
  readonly value: number;
  readonly shape_hwc: readonly [height: number, width: number, channels: number];
  readonly mean_rgb: readonly number[];
  readonly center_rgb_4x4: readonly number[];
};

/** What LeRobot's own loader returned. */
export type Expected = {
  /** None where pictures were not sampled. */
  readonly cameras?: readonly string[];
  readonly fps: number;
  readonly episode_lengths: readonly number[];
  readonly samples: readonly {
    readonly episode: number;
    readonly frame: number;
    readonly index: number;
    readonly timestamp: number;
    readonly cameras: Readonly<Record<string, Seen>>;
  }[];
};

/** Datasets that LeRobot wrote; origin and licence lie beside them. */
export const fixtures = fileURLToPath(new URL('../../data/fixtures/lerobot', import.meta.url));

export const withVideos = ['v3-tworobots', 'v3-h264', 'v3-rollover', 'v21-video', 'v3-lerobot061'] as const;

export const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(`${fixtures}/${name}.expected.json`, 'utf8'));

export const datasetOf = async (name: string): Promise<Dataset> => {
  const read = await readDataset(`${fixtures}/${name}`)();
  if (E.isLeft(read)) throw new Error(showDataError(read.left));
  return read.right;
};

const blocks = 17;
const side = 8;

/** Whether the inner 4x4 pixels of a block are light on average. */
const isWhite = (picture: Uint8Array, width: number, block: number): boolean => {
  const perRow = Math.floor(width / side);
  const [x, y] = [(block % perRow) * side + 2, Math.floor(block / perRow) * side + 2];
  let sum = 0;
  for (let dy = 0; dy < 4; dy++) for (let k = 0; k < 12; k++) sum += picture[((y + dy) * width + x) * 3 + k] ?? 0;
  return sum / 48 > 127.5;
};

/** The number that a picture carries: its camera and its global index, 16 bits, inverted where the last block is white. */
export const codeIn = (picture: Uint8Array, width: number): number => {
  const bits = Array.from({ length: blocks }, (_, block) => isWhite(picture, width, block));
  const isInverted = bits.at(-1) === true;
  return bits.slice(0, -1).reduce((value, bit) => value * 2 + (bit === isInverted ? 0 : 1), 0);
};

/** Mean of each channel over a rectangle of pixels. */
export const meanRgb = (
  picture: Uint8Array,
  width: number,
  [top, left, height, wide]: readonly [number, number, number, number],
): readonly number[] => {
  const sums = [0, 0, 0];
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + wide; x++)
      for (let c = 0; c < 3; c++) sums[c] = (sums[c] ?? 0) + (picture[(y * width + x) * 3 + c] ?? 0);
  return sums.map((sum) => sum / (height * wide));
};
