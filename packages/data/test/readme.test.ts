import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
// The code of README.md, between its fences.
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import {
  createDataset,
  gatherBatch,
  NdArray,
  readDataset,
  sampleDatasetPath,
  samplesOf,
  showDataError,
  showWriteError,
  transformSample,
} from '../src/index.js';

const example = (): Promise<string> =>
  pipe(
    readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0] }),
    TE.flatMapEither((dataset) => samplesOf(dataset)),
    TE.flatMapEither((samples) => gatherBatch(samples, { actionHorizon: 50 }, [0, 470])),
    TE.match(showDataError, ({ prompts, actionIsPad }) => `${prompts[0]} ${actionIsPad.indexOf(1)}`),
  )();

const record = (dir: string): Promise<string> =>
  pipe(
    createDataset(dir, {
      fps: 10,
      robotType: 'so101',
      features: {
        'observation.state': { dtype: 'float32', shape: [2], names: ['shoulder', 'gripper'] },
        action: { dtype: 'float32', shape: [2], names: ['shoulder', 'gripper'] },
        'observation.images.top': { dtype: 'image', shape: [48, 64, 3] },
      },
    }),
    TE.tap(({ addEpisode }) =>
      addEpisode({
        task: 'Close the gripper.',
        values: { 'observation.state': [0, 0.1, 0, 0.5], action: [0, 0.5, 0, 1] },
        cameras: { 'observation.images.top': new Uint8Array(2 * 48 * 64 * 3) },
      }),
    ),
    TE.flatMap(({ close }) => close()),
    TE.match(showWriteError, () => `written to ${dir}`),
  )();

const robot = {
  state: new NdArray('float32', [2], Float32Array.of(1, 2)),
  actions: new NdArray('float32', [1, 2], Float32Array.of(4, 4)),
};
const toModel = transformSample([
  { kind: 'DeltaActions', mask: [true] },
  { kind: 'PadStatesAndActions', modelActionDim: 3 },
]);

it('the example of the README runs', async () => {
  // Frame 470 of 479: row 1 of the batch has 9 real actions, then padding.
  expect(await example()).toBe('Pick up the yellow bottle on the table. 59');
});

it('the example of writing runs, and what it wrote is read', async () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'torsor-data-')), 'dataset');
  expect(await record(dir)).toBe(`written to ${dir}`);
  const read = await readDataset(dir)();
  const [episode] = E.isRight(read) ? read.right.episodes : expect.fail();
  expect(episode?.state).toEqual(Float32Array.of(0, 0.1, 0, 0.5));
});

it('the example of a transform runs', () => {
  expect(toModel(robot)).toEqual(
    E.right({
      state: new NdArray('float32', [3], Float32Array.of(1, 2, 0)),
      actions: new NdArray('float32', [1, 3], Float32Array.of(3, 4, 0)),
    }),
  );
});

it.each([/const example[\s\S]*?\n {2}\)\(\);/, /const record[\s\S]*?\n {2}\)\(\);/, /const robot[\s\S]*?\n\]\);/])(
  'and all are in the README',
  (code) => {
    const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    const body = code.exec(readFileSync(path('readme.test.ts'), 'utf8'))?.[0] ?? '?';
    expect(readFileSync(path('../README.md'), 'utf8')).toContain(body);
  },
);
