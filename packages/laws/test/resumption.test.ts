import { describe, expect, it } from 'vitest';
import { resumptionLaws, runLaws } from '../src/index.js';
import { asyncRefutations } from './lawful.js';
import { type Loss, resumableTrainer } from './small-trainer.js';

describe('a trainer that loses nothing', () => runLaws(resumptionLaws(resumableTrainer()), it));

const losses: ReadonlyArray<readonly [Loss, string]> = [
  ['the position in the data', 'line'],
  ['the optimizer', 'line'],
  ['the averages', 'the state at the end is'],
  ['the interval', 'line'],
  ['the line of the save', 'line'],
  ['an update', 'line'],
  ['the line order', 'line'],
];

describe.each(losses)('a trainer that loses %s', (lost, what) => {
  it('is refuted', async () => {
    const refuted = await asyncRefutations(resumptionLaws(resumableTrainer(lost), { seed: 1, numRuns: 20 }));
    expect(refuted.get('interrupted and continued is uninterrupted: lines and state')).toContain(what);
  });
});

it('times are left out, and nothing else', async () => {
  const named = await asyncRefutations(resumptionLaws(resumableTrainer(), { timed: [], seed: 1 }));
  expect([...named.values()].join('')).toContain('time_per_step');
  const blind = await asyncRefutations(
    resumptionLaws(resumableTrainer('the interval'), { timed: ['time_per_step', 'loss'], seed: 1, numRuns: 20 }),
  );
  expect(blind.size).toBe(0);
});
