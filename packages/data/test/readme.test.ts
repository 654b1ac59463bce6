import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// The code of README.md, between its two fences.
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { gatherBatch, readDataset, sampleDatasetPath, samplesOf, showDataError } from '../src/index.js';

const example = (): Promise<string> =>
  pipe(
    readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0] }),
    TE.flatMapEither((dataset) => samplesOf(dataset)),
    TE.flatMapEither((samples) => gatherBatch(samples, { actionHorizon: 50 }, [0, 470])),
    TE.match(showDataError, ({ prompts, actionIsPad }) => `${prompts[0]} ${actionIsPad.indexOf(1)}`),
  )();

it('the example of the README runs', async () => {
  // Frame 470 of 479: row 1 of the batch has 9 real actions, then padding.
  expect(await example()).toBe('Pick up the yellow bottle on the table. 59');
});

it('and is the one in the README', () => {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const body = /const example[\s\S]*?\n {2}\)\(\);/.exec(readFileSync(path('readme.test.ts'), 'utf8'))?.[0] ?? '?';
  expect(readFileSync(path('../README.md'), 'utf8')).toContain(body);
});
