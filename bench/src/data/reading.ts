import {
  computeNormStats,
  type Dataset,
  gatherBatch,
  type PictureReader,
  readDataset,
  type Samples,
  samplesOf,
  showDataError,
} from '@torsor/data';
import { key, permutation } from '@torsor/random';
import * as E from 'fp-ts/lib/Either.js';
import { built } from './built.js';

/** Actions in a window, and samples in a batch. */
export const actionHorizon = 50;
export const batchSize = 32;

const orThrow = <A>(read: E.Either<Parameters<typeof showDataError>[0], A>): A => {
  if (E.isLeft(read)) throw new Error(showDataError(read.left));
  return read.right;
};

const openDataset = async (dir: string): Promise<Dataset> => orThrow(await readDataset(dir)());

/** What a batch is made of, beside its samples. */
type Reading = { readonly samples: Samples; readonly read: PictureReader };

const batchOf = async ({ samples, read }: Reading, indices: Uint32Array): Promise<void> => {
  orThrow(gatherBatch(samples, { actionHorizon }, indices));
  await Promise.all(samples.dataset.cameras.map(async (camera) => orThrow(await read(samples, indices, camera)())));
};

/** Batches of samples in random order, again and again. */
const batches = function* (count: number): Generator<Uint32Array> {
  for (let epoch = 0; ; epoch++) {
    const order = permutation(key(epoch), count);
    for (let at = 0; at + batchSize <= count; at += batchSize) yield order.subarray(at, at + batchSize);
  }
};

const opened = async (dir: string, threads: number) => {
  const dataset = await openDataset(dir);
  const { openPictures, readSamples } = await built();
  const pictures = openPictures(dataset, { threads });
  const reading: Reading = { samples: orThrow(samplesOf(dataset)), read: readSamples(pictures) };
  const stream = batches(reading.samples.count);
  const next = (): Promise<void> => batchOf(reading, stream.next().value ?? new Uint32Array(0));
  // Starting threads and loading FFmpeg is once for a run.
  await next();
  return { next, close: pictures.close };
};

/** Rows per second of batches in random order, decoded by so many threads, one batch after another. */
export const readingRate = async (dir: string, rows: number, threads: number): Promise<number> => {
  const { next, close } = await opened(dir, threads);
  const start = performance.now();
  let seen = 0;
  for (; seen < rows; seen += batchSize) await next();
  const seconds = (performance.now() - start) / 1000;
  await close();
  return seen / seconds;
};

/** Milliseconds of `count` batches, each made while a step that only waits goes on, and of decoding and of steps alone. */
export const overlap = async (dir: string, count: number, threads: number) => {
  const { next, close } = await opened(dir, threads);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < count; i++) await work();
    return performance.now() - start;
  };
  const decoding = await timed(next);
  const step = decoding / count;
  const waits = (): Promise<void> => new Promise((resume) => setTimeout(resume, step));
  const steps = await timed(waits);
  let ahead = next();
  const both = await timed(async () => {
    await ahead;
    ahead = next();
    await waits();
  });
  await ahead;
  await close();
  return { both, decoding, steps };
};

/** Seconds to read a dataset and to compute its statistics, exactly, over all its windows. */
export const statisticsSeconds = async (dir: string): Promise<number> => {
  const start = performance.now();
  const dataset = await openDataset(dir);
  orThrow(
    computeNormStats(
      dataset,
      dataset.episodes.map(({ index }) => index),
      { actionHorizon },
    ),
  );
  return (performance.now() - start) / 1000;
};
