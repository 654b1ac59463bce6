import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { learningRate } from '../src/index.js';

it('the example of the README gives what it says', async () => {
  const schedule = learningRate({ kind: 'cosine', warmupSteps: 4, peakLr: 1, decaySteps: 8, decayLr: 0.5 });
  const rates = E.isRight(schedule) ? [0, 4, 6, 8].map(schedule.right) : [];
  expect(rates).toEqual([0.2, 1, 0.75, 0.5]);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain("learningRate({ kind: 'cosine', warmupSteps: 4, peakLr: 1, decaySteps: 8, decayLr: 0.5 })");
  expect(readme).toContain('[0, 4, 6, 8].map(schedule.right) : []; // [0.2, 1, 0.75, 0.5]');
});
