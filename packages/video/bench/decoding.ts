import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Episode, Feature, Size } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PicturedDataset, VideoError } from '../src/index.js';

// Threads start from built files: what is measured is the built package.
const built: typeof import('../src/index.js') = await import(new URL('../dist/index.js', import.meta.url).href);
const { encodeVideo, openPictures, showVideoError } = built;

/** Rows per second, where a row is the pictures of both cameras at one frame. */
export type DecodingBench = {
  readonly threads: number;
  /** Bytes of both videos. */
  readonly bytes: number;
  /** Frames one after another, and in random order; as they are, and resized to 224 by 224. */
  readonly rowsPerSecond: {
    readonly inOrder: number;
    readonly random: number;
    readonly inOrderResized: number;
    readonly randomResized: number;
  };
  readonly peakMemoryBytes: number;
};

const [width, height, fps, length] = [640, 480, 30, 120];
const cameras = ['front', 'wrist'];
const batch = 32;

/** A gradient that brightens, under a texture: about 6 KB a frame, coded. */
const draw = (picture: Uint8Array, t: number, seed: number): void => {
  for (let i = 0; i < picture.length; i++) {
    picture[i] = (i % (width * 3)) / 8 + 3 * t * seed + (((i * 7919) >>> 5) & 7);
  }
};

const scene = function* (seed: number): Generator<Uint8Array> {
  const picture = new Uint8Array(width * height * 3);
  for (let t = 0; t < length; t++) {
    draw(picture, t, seed);
    yield picture;
  }
};

const done = async <A>(task: TaskEither<unknown, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(showVideoError(result.left as VideoError));
  return result.right;
};

const datasetIn = async (root: string): Promise<PicturedDataset> => {
  for (const [i, camera] of cameras.entries()) {
    await done(encodeVideo(join(root, `${camera}.mp4`), scene(i + 1), { width, height, fps, codec: 'av1' }));
  }
  const episode: Episode = {
    index: 0,
    length,
    tasks: [],
    state: new Float32Array(0),
    action: new Float32Array(0),
    taskIndex: new Int32Array(length),
    timestamp: Float32Array.from({ length }, (_, i) => i / fps),
    gaps: [],
    pictures: new Map(),
    videos: new Map(cameras.map((camera) => [camera, { file: `${camera}.mp4`, from: 0, to: length / fps }])),
  };
  const feature: Feature = { dtype: 'video', shape: [height, width, 3], names: [], note: null };
  return { root, fps, cameras, features: new Map(cameras.map((camera) => [camera, feature])), episodes: [episode] };
};

const shuffled = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => (i * 7919 + 31) % count);

const rate = async (
  dataset: PicturedDataset,
  threads: number,
  order: readonly number[],
  size?: Size,
): Promise<number> => {
  const reader = openPictures(dataset, { threads });
  const read = (rows: readonly number[]): Promise<unknown> =>
    Promise.all(
      cameras.map((camera) =>
        done(
          reader.read(
            camera,
            rows.map((frame) => ({ episode: 0, frame })),
            size,
          ),
        ),
      ),
    );
  // Starting threads and loading FFmpeg is once for a run.
  await read([0, 1]);
  const start = performance.now();
  for (let i = 0; i < order.length; i += batch) await read(order.slice(i, i + batch));
  const seconds = (performance.now() - start) / 1000;
  await reader.close();
  return order.length / seconds;
};

/** Measures the decoding of two AV1 cameras of 640 by 480 pixels, encoded as LeRobot encodes them. */
export const benchDecoding = async (threads: number): Promise<DecodingBench> => {
  const root = mkdtempSync(join(tmpdir(), 'bench-decoding-'));
  try {
    const dataset = await datasetIn(root);
    const [inOrder, random] = [Array.from({ length }, (_, i) => i), shuffled(length)];
    const size: Size = [224, 224];
    const rowsPerSecond = {
      inOrder: await rate(dataset, threads, inOrder),
      random: await rate(dataset, threads, random),
      inOrderResized: await rate(dataset, threads, inOrder, size),
      randomResized: await rate(dataset, threads, random, size),
    };
    const bytes = cameras.reduce((sum, camera) => sum + statSync(join(root, `${camera}.mp4`)).size, 0);
    return { threads, bytes, rowsPerSecond, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
