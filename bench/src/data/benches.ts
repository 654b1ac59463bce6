import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { Bench, Measurement, Skipped } from '../bench.js';
import { runChild } from '../xla/child.js';
import { type Recorded, record } from './datasets.js';
import { actionHorizon, batchSize, overlap, readingRate, statisticsSeconds } from './reading.js';

/** Processes or threads that decode, on both sides. */
const workers = 2;

const peerScript = fileURLToPath(new URL('../../peer/bench_lerobot.py', import.meta.url));

const notSet: Skipped = {
  skipped: "TORSOR_LEROBOT_PYTHON not set: bench/peer/README.md says how to set up LeRobot's own side",
};

type Peer = { readonly rows: number; readonly seconds: number };

const peer = async (python: string, dir: string, rows: number, what: 'rows' | 'statistics'): Promise<Peer> => {
  const args = [peerScript, dir, ...[rows, batchSize, workers, actionHorizon].map(String), what];
  const ended = await runChild({ command: python, args, env: { HF_HUB_OFFLINE: '1' } });
  if (E.isLeft(ended)) throw new Error(ended.left);
  return JSON.parse(ended.right.trim().split('\n').at(-1) ?? '{}');
};

const inFolder = async <A>(recorded: Recorded, use: (dir: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-data-'));
  const dir = join(folder, 'dataset');
  try {
    await record(dir, recorded);
    return await use(dir);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

type Rows = {
  readonly name: string;
  readonly recorded: Recorded;
  /** Rows that ours and the peer's side read. */
  readonly rows: readonly [ours: number, peer: number];
  readonly atLeast: number;
};

const shown = ({ episodes, frames, cameras, size }: Recorded): string =>
  `${episodes * frames} rows, ${cameras === 'none' ? 'no cameras' : `two cameras of ${size.join('x')} as ${cameras}`}, ${workers} threads or processes`;

const rowsBench = ({ name, recorded, rows, atLeast }: Rows): Bench => ({
  name,
  reference: "LeRobot's DataLoader on the same files",
  bound: { atLeast },
  run: () => {
    const python = process.env['TORSOR_LEROBOT_PYTHON'];
    if (python === undefined || python === '') return Promise.resolve(notSet);
    return inFolder(recorded, async (dir): Promise<Measurement> => {
      const ours = await readingRate(dir, rows[0], workers);
      const { rows: seen, seconds } = await peer(python, dir, rows[1], 'rows');
      return { ours, reference: seen / seconds, unit: 'rows/s', detail: shown(recorded) };
    });
  },
});

const videos: Recorded = { episodes: 3, frames: 120, cameras: 'video', size: [480, 640] };
const images: Recorded = { episodes: 3, frames: 120, cameras: 'image', size: [240, 320] };
const numbers: Recorded = { episodes: 50, frames: 400, cameras: 'none', size: [1, 1] };

const statistics: Bench = {
  name: 'data-statistics',
  reference: "a pass over LeRobot's DataLoader, as openpi's script makes one, without its histograms",
  bound: { timesFaster: 20 },
  run: () => {
    const python = process.env['TORSOR_LEROBOT_PYTHON'];
    if (python === undefined || python === '') return Promise.resolve(notSet);
    return inFolder(numbers, async (dir): Promise<Measurement> => {
      const ours = await statisticsSeconds(dir);
      const all = numbers.episodes * numbers.frames;
      const { rows, seconds } = await peer(python, dir, all / 5, 'statistics');
      return {
        ours,
        reference: (seconds * all) / rows,
        unit: 's',
        detail: `${all} rows; a fifth of the peer's pass timed`,
      };
    });
  },
};

const overlapped: Bench = {
  name: 'data-overlap',
  reference: 'the slower of decoding and steps alone',
  bound: { atLeast: 0.9 },
  run: () =>
    inFolder(videos, async (dir): Promise<Measurement> => {
      const { both, decoding, steps } = await overlap(dir, 12, 1);
      return {
        ours: 12e3 / both,
        reference: 12e3 / Math.max(decoding, steps),
        unit: 'batches/s',
        detail: shown(videos),
      };
    }),
};

/** Reading of datasets beside LeRobot's own loader. */
export const dataBenches: readonly Bench[] = [
  rowsBench({ name: 'data-video', recorded: videos, rows: [960, 160], atLeast: 3 }),
  rowsBench({ name: 'data-images', recorded: images, rows: [960, 320], atLeast: 2 }),
  rowsBench({ name: 'data-rows', recorded: numbers, rows: [64_000, 6400], atLeast: 5 }),
  statistics,
  overlapped,
];
